#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"
#include "net/network_list.hpp"
#include "net/stream.hpp"
#include "smtp_server/service.hpp"

/// The receiving side of SMTP: listeners, sessions, and the policy that tells what a listener is for.
///
/// Flow: the server accepts a connection within its limits and runs a session on it (session.hpp); the session asks the policy
/// about senders and recipients and hands whole messages to storage. The protocol itself (syntax, order, replies) is lib/smtp.
/// On failure a session answers and goes on, or ends alone; nothing a client does reaches another session.
namespace postern::smtp_server {

/// One server: the endpoints of one kind (port 25, 587 or 465), with one policy.
class server {
public:
    server(net::executor loop, const dependencies& uses, std::string hostname, const config::limit_settings& limits,
           beginning begins = beginning::in_the_clear);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds every endpoint or none: net::errc::cannot_listen or bad_endpoint, naming the one. Connections from `proxies` must
    /// begin with a PROXY header, which says who the client is; from nobody else one is taken. Sockets that are
    /// `there_already` are taken instead of new ones.
    [[nodiscard]] core::result<void> open(const std::vector<config::endpoint>& endpoints, net::network_list proxies = {},
                                          net::inherited_sockets* there_already = nullptr);

    /// For the sessions that begin from now on.
    void change(const config::limit_settings& limits, net::network_list proxies);

    /// Begins to accept.
    void start();

    /// Where it listens, with the ports taken for 0.
    [[nodiscard]] std::vector<net::tcp_endpoint> endpoints() const;

    [[nodiscard]] std::size_t sessions() const;

    /// The listening sockets, for a process that takes over; and that it has done so (net/listener.hpp).
    [[nodiscard]] std::vector<int> lend();
    void share();

    /// Idle sessions hear 421 4.3.2 at once, others after their transaction; after `drain` the rest is cut off. True when no
    /// session is left. Who connects meanwhile hears 421 too, and so does who was still waiting in the kernel at the end; but
    /// sockets that another process has as well are left to it at once, with everybody who waits there.
    net::awaitable<bool> stop(std::chrono::steady_clock::duration drain);

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::smtp_server
