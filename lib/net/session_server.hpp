#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"
#include "net/listener.hpp"
#include "net/network_list.hpp"
#include "net/stream.hpp"

namespace postern::net {

/// One client's session, as the server that runs it knows it. Loop thread only.
class served_session {
public:
    virtual ~served_session() = default;

    /// From the greeting to the close.
    virtual awaitable<void> run() = 0;

    /// The server is stopping: end at the next good moment.
    virtual void stop() = 0;

    /// No time is left: a farewell if the socket takes it, and the end.
    virtual void cut_off() = 0;
};

/// Why a client gets no session.
enum class turned_away { shutting_down, too_many, too_many_from_address };

/// What sessions there are: a protocol's side of a session_server.
class session_maker {
public:
    virtual ~session_maker() = default;

    [[nodiscard]] virtual std::unique_ptr<served_session> make(tcp_socket socket, const tcp_endpoint& client) = 0;

    /// Says so in the protocol's words, without waiting (stream::reject), or just closes.
    virtual void turn_away(tcp_socket socket, turned_away why) = 0;
};

/// Accepts connections on several endpoints and runs a session on each, for protocols in which a connection is a session.
///
/// Flow: who comes is counted against the limits, a listed proxy's PROXY header is read, and the session runs as a coroutine of
/// the server's own group. On failure a session ends alone: what escapes from one is logged, and its client is cut off.
class session_server {
public:
    struct limits {
        std::size_t connections;
        std::size_t connections_per_address;
    };

    /// `name`: what a session is called in the log, "smtp session".
    session_server(executor loop, std::shared_ptr<session_maker> maker, std::string name, limits l, core::logger log);
    ~session_server();
    session_server(const session_server&) = delete;
    session_server& operator=(const session_server&) = delete;

    /// Binds every endpoint or none: errc::cannot_listen, naming the one. Connections from `proxies` must begin with a PROXY
    /// header, which says who the client is; from nobody else one is taken. Sockets that are `there_already` are taken instead
    /// of new ones.
    [[nodiscard]] core::result<void> open(const std::vector<tcp_endpoint>& endpoints, network_list proxies,
                                          inherited_sockets* there_already);

    /// For those who come from now on.
    void change(limits l, network_list proxies);

    /// Begins to accept.
    void start();

    /// Where it listens, with the ports taken for 0.
    [[nodiscard]] std::vector<tcp_endpoint> endpoints() const;

    [[nodiscard]] std::size_t sessions() const;

    /// The listening sockets, for a process that takes over; and that it has done so (listener.hpp).
    [[nodiscard]] std::vector<int> lend();
    void share();

    /// Tells the sessions to stop; after `drain` the rest is cut off. True when no session is left. Who connects meanwhile is
    /// turned away, and so is who was still waiting in the kernel at the end; but sockets that another process has as well are
    /// left to it at once, with everybody who waits there.
    awaitable<bool> stop(std::chrono::steady_clock::duration drain);

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::net
