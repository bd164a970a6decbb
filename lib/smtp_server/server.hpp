#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"
#include "net/network_list.hpp"
#include "net/session_server.hpp"
#include "smtp_server/service.hpp"

/// The receiving side of SMTP: listeners, sessions, and the policy that tells what a listener is for.
///
/// Flow: the server accepts a connection within its limits and runs a session on it (session.hpp); the session asks the policy
/// about senders and recipients and hands whole messages to storage. The protocol itself (syntax, order, replies) is lib/smtp.
/// On failure a session answers and goes on, or ends alone; nothing a client does reaches another session.
namespace postern::smtp_server {

/// One server: the endpoints of one kind (port 25, 587 or 465), with one policy. At a stop idle sessions hear 421 4.3.2 at
/// once, others after their transaction, and who connects meanwhile does too.
class server final : public net::session_server {
public:
    server(net::executor loop, const dependencies& uses, std::string hostname, const config::limit_settings& limits,
           beginning begins = beginning::in_the_clear);
    ~server();

    /// Binds every endpoint or none: net::errc::cannot_listen or bad_endpoint, naming the one. Connections from `proxies` must
    /// begin with a PROXY header, which says who the client is; from nobody else one is taken. Sockets that are
    /// `there_already` are taken instead of new ones.
    [[nodiscard]] core::result<void> open(const std::vector<config::endpoint>& endpoints, net::network_list proxies = {},
                                          net::inherited_sockets* there_already = nullptr);

    /// For the sessions that begin from now on.
    void change(const config::limit_settings& limits, net::network_list proxies);

private:
    class maker;
    server(net::executor loop, std::shared_ptr<maker> sessions, const config::limit_settings& limits, core::logger log);

    std::shared_ptr<maker> maker_;
};

}  // namespace postern::smtp_server
