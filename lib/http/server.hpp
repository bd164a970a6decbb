#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "core/log.hpp"
#include "core/result.hpp"
#include "http/route.hpp"
#include "http/services.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"
#include "net/network_list.hpp"
#include "net/stream.hpp"
#include "net/tls_server_context.hpp"

/// Mail and account over HTTP: JSON for programs, RFC 7807 for errors.
///
/// Flow: a listener hands a socket to a connection (a coroutine each); a request_reader finds a request in its octets; the
/// dispatcher parses the target, finds the route in the one table (api_routes), checks who asks, and runs the handler, which
/// asks storage and answers with a text or with a source of octets that are read while they are sent. Everything but the
/// connection and the handlers is plain code without I/O.
///
/// On failure: what is wrong with a request is a value (problem) and becomes an application/problem+json answer; a lost
/// database is 503 with Retry-After; an exception out of a handler is logged, answered 500, and ends nothing.
namespace postern::http {

/// Listens, and serves the clients that come. Loop thread only.
class server {
public:
    /// What `s` refers to outlives the server, and so does the loop. `routes`: api_routes(), or a test's own.
    server(const net::executor& loop, const services& s, std::vector<route> routes, const config::limit_settings& limits,
           core::logger log);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds all endpoints or none: net::errc::cannot_listen, bad_endpoint. Connections from `proxies` must begin with a PROXY
    /// header, which says who the client is; from nobody else one is taken. Sockets that are
    /// `there_already` are taken instead of new ones.
    [[nodiscard]] core::result<void> listen(const std::vector<config::endpoint>& endpoints, net::network_list proxies = {},
                                            net::inherited_sockets* there_already = nullptr);

    /// The same, with TLS from the first octet (RFC 9110 4.2.2) or the first behind the PROXY header. `tls` outlives the
    /// server.
    [[nodiscard]] core::result<void> listen_in_tls(const std::vector<config::endpoint>& endpoints,
                                                   const net::tls_server_context& tls, net::network_list proxies = {},
                                                   net::inherited_sockets* there_already = nullptr);

    /// What can change while it serves.
    struct changeable {
        config::limit_settings limits{};  ///< but http_upload_size and http_json_depth
        net::network_list proxies{};
        net::network_list proxies_in_tls{};
        net::network_list forwarded_from{};
        std::vector<std::string> metrics_from{};
    };
    void change(changeable to);

    /// The listening sockets, for a process that takes over; and that it has done so (net/listener.hpp).
    [[nodiscard]] std::vector<int> lend();
    void share();

    /// Where it listens, with the ports that were taken for 0.
    [[nodiscard]] std::vector<net::tcp_endpoint> endpoints() const;
    [[nodiscard]] std::vector<net::tcp_endpoint> endpoints_in_tls() const;

    /// Begins to take clients. More than http_connections, or than http_connections_per_address, are told 503 and closed.
    void start();

    /// Nobody listens any more, so that a balancer goes elsewhere at once; sockets that another process has as well are left to
    /// it with everybody who waits there. Who was already waiting at ours is answered once more. Closes idle connections at
    /// once, lets requests in work be answered for up to `drain`, then cuts them off. True when no connection is left.
    net::awaitable<bool> stop(std::chrono::steady_clock::duration drain);

    /// Connections open now.
    [[nodiscard]] std::size_t connections() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::http
