#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"
#include "net/stream.hpp"

namespace postern::net {

/// An IPv4 or IPv6 literal and a port. bad_endpoint names what is wrong.
[[nodiscard]] core::result<tcp_endpoint> make_endpoint(std::string_view address, std::uint16_t port);

/// Of all things that have an `address` and a `port`; bad_endpoint names the first that is none.
template <class Places>
[[nodiscard]] core::result<std::vector<tcp_endpoint>> make_endpoints(const Places& places) {
    std::vector<tcp_endpoint> all;
    for (const auto& p : places) {
        auto at = make_endpoint(p.address, p.port);
        if (!at) return std::unexpected(std::move(at).error());
        all.push_back(*at);
    }
    return all;
}

/// "192.0.2.1:25", "[2001:db8::1]:25".
[[nodiscard]] std::string to_string(const tcp_endpoint& e);

/// Accepts connections on several endpoints, IPv4 and IPv6 each by its own (v6only).
///
/// open() binds all of them, or takes what is inherited, or none; start() hands every accepted socket, TCP_NODELAY set, to one
/// function on the loop, which must not block. When the process has no more file descriptors, accepting pauses for a tenth of a
/// second, with a log line; the connections wait in the kernel.
class listener {
public:
    using on_connection = std::move_only_function<void(tcp_socket)>;

    struct options {
        bool reuse_port = false;                 ///< let another process listen on the same endpoints (SO_REUSEPORT)
        inherited_sockets* inherited = nullptr;  ///< sockets that listen already; those at our endpoints are taken
    };

    listener(executor loop, core::logger log);
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// cannot_listen, with the endpoint and the reason.
    [[nodiscard]] core::result<void> open(const std::vector<tcp_endpoint>& endpoints, options o);

    /// Where it listens, with the ports that were taken for 0.
    [[nodiscard]] std::vector<tcp_endpoint> endpoints() const;

    void start(on_connection handler);

    /// Accepts no more. A socket of our own is closed with nobody waiting: first all connections the kernel has are handed over
    /// as ever, or closing would reset them. One that another process has too is closed as it is; that process takes them.
    void stop();

    /// stop() for the sockets that another process has too, and nothing for our own.
    void leave_shared();

    /// The sockets themselves, to be sent to another process while they are open here.
    [[nodiscard]] std::vector<int> lend() const;

    /// The other process has them, and accepts.
    void share();

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::net
