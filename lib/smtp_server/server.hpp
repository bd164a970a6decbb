#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
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
    server(net::executor loop, dependencies uses, std::string hostname, const config::limit_settings& limits,
           beginning begins = beginning::in_the_clear);
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds every endpoint or none: net::errc::cannot_listen or bad_endpoint, naming the one.
    [[nodiscard]] core::result<void> open(const std::vector<config::endpoint>& endpoints);

    /// Begins to accept.
    void start();

    /// Where it listens, with the ports taken for 0.
    [[nodiscard]] std::vector<net::tcp_endpoint> endpoints() const;

    [[nodiscard]] std::size_t sessions() const;

    /// Accepts no more; idle sessions hear 421 4.3.2 at once, others after their transaction; after `drain` the rest is cut
    /// off. True when no session is left.
    net::awaitable<bool> stop(std::chrono::steady_clock::duration drain);

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::smtp_server
