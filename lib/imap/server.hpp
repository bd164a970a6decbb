#pragma once

#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "core/result.hpp"
#include "imap/service.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"
#include "net/network_list.hpp"
#include "net/session_server.hpp"

/// Mailboxes for mail programs: IMAP4rev1 (RFC 3501) and what is common beside it.
///
/// Flow: the server accepts a connection within its limits and runs a session on it (session.hpp). What commands and responses
/// look like is imap/protocol's, which does no I/O; what a mailbox holds is storage::imap_store's. A session that has selected
/// a mailbox numbers its messages (selected_mailbox.hpp) and tells what changed there when the protocol allows it. On failure a
/// session answers NO or BAD and goes on, or ends alone with BYE; nothing a client does reaches another session.
namespace postern::imap {

/// The endpoints of one kind: port 143 or 993. A session hears BYE as soon as the command it is at is done, and who connects
/// meanwhile does too.
class server final : public net::session_server {
public:
    server(net::executor loop, const dependencies& uses, const config::limit_settings& limits,
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

}  // namespace postern::imap
