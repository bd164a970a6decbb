#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "account/administration.hpp"
#include "account/api_tokens.hpp"
#include "account/app_passwords.hpp"
#include "account/directory_resolver.hpp"
#include "account/password_authenticator.hpp"
#include "account/password_hasher.hpp"
#include "account/recent_owners.hpp"
#include "account/recent_recipients.hpp"
#include "account/web_sessions.hpp"
#include "app/outbound.hpp"
#include "config/settings.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "http/live_updates.hpp"
#include "http/page/static_files.hpp"
#include "http/server.hpp"
#include "imap/mailbox_news.hpp"
#include "imap/server.hpp"
#include "net/blocking_pool.hpp"
#include "net/inherited_sockets.hpp"
#include "net/spool.hpp"
#include "net/task_group.hpp"
#include "net/tls_server_context.hpp"
#include "queue/administration.hpp"
#include "queue/outbox.hpp"
#include "smtp_server/receive_policy.hpp"
#include "smtp_server/server.hpp"
#include "smtp_server/submission_policy.hpp"
#include "storage/database.hpp"

namespace postern::app {

/// Every part of a running server, put together.
///
/// The order of the members is that of their making; they end in reverse: servers, then what they stand on, then the pools
/// and the database, which commits what is pending. `loop`, `settings`, `tls`
/// and `metrics` outlive it.
class node {
public:
    node(boost::asio::io_context& loop, const config::settings& settings, const net::tls_server_context& tls,
         std::unique_ptr<storage::database> database, const core::clock& clock, core::metrics& metrics,
         const core::logger& log);

    /// On a database without accounts: the one that server.first_administrator names, with a password that the log shows, once.
    /// The error is for a person.
    [[nodiscard]] net::awaitable<core::result<void>> make_first_administrator();

    /// Binds all endpoints of all servers, but for those in `there_already`, or says which cannot be had; then begins to
    /// accept.
    [[nodiscard]] core::result<void> start(net::inherited_sockets& there_already);

    /// The settings have changed, as far as they can while it runs.
    void change();

    /// All listening sockets, for a process that takes over; and that it accepts: from now on they are its own as well.
    [[nodiscard]] std::vector<int> lend();
    void share();

    /// Accepts no more, lets sessions end their transactions within server.drain, then cuts them off.
    [[nodiscard]] net::awaitable<void> stop();

private:
    [[nodiscard]] http::services for_http(const core::clock& clock);
    [[nodiscard]] http::server_state look() const;
    void look_at_trust() const;
    void announce(const char* protocol, const std::vector<net::tcp_endpoint>& endpoints) const;
    [[nodiscard]] smtp_server::dependencies for_servers(const core::clock& clock, const net::tls_server_context& tls);
    [[nodiscard]] smtp_server::dependencies for_people(const core::clock& clock, const net::tls_server_context& tls,
                                                       const char* listener);
    [[nodiscard]] imap::dependencies for_readers(const core::clock& clock, const net::tls_server_context& tls,
                                                 const char* listener);

    const config::settings& settings_;
    const net::tls_server_context& tls_;
    core::metrics& metrics_;
    core::logger log_;
    core::system_random random_;
    net::blocking_pool workers_;
    net::blocking_pool http_workers_;  // its jobs wait for the database: receiving must not queue behind them
    net::blocking_pool imap_workers_;  // likewise; nor must people at the page wait behind mail programs that fetch it all
    std::unique_ptr<storage::database> database_;
    account::password_hasher hasher_;
    account::password_authenticator authenticator_;
    account::api_tokens tokens_;
    account::web_sessions sessions_;
    http::static_files page_;
    account::directory_resolver resolver_;
    account::recent_recipients recent_recipients_;
    account::recent_owners recent_owners_;
    smtp_server::receive_policy receive_policy_;
    queue::sending_rules sending_rules_;
    smtp_server::submission_policy submission_policy_;
    net::spool_area spool_;
    outbound outbound_;
    account::administration accounts_;
    account::app_passwords app_passwords_;
    queue::administration queue_;
    queue::outbox outbox_;
    http::server_facts facts_;
    http::client_settings clients_;
    std::shared_ptr<http::live_updates> live_;
    smtp_server::server smtp_;
    smtp_server::server submission_;
    smtp_server::server submissions_;
    imap::mailbox_news news_;
    imap::server imap_;
    imap::server imaps_;
    std::shared_ptr<http::server> http_;
    net::task_group stopping_;
};

}  // namespace postern::app
