#pragma once

#include <chrono>
#include <cstdint>

#include "account/sasl_accounts.hpp"
#include "config/settings.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "imap/figures.hpp"
#include "net/blocking_pool.hpp"
#include "net/spool.hpp"
#include "net/tls_server_context.hpp"
#include "storage/database.hpp"

namespace postern::imap {

class mailbox_news;  // mailbox_news.hpp

/// What a server stands on. All of it outlives the server.
struct dependencies {
    const core::clock& clock;
    storage::database& database;
    mailbox_news& news;
    account::sasl_accounts& accounts;
    core::random_source& random;
    net::blocking_pool& pool;  ///< for reading messages, which waits for the database
    net::spool_area& spool;
    core::logger log;
    const net::tls_server_context* tls = nullptr;       ///< without it TLS is not offered
    bool allow_plaintext = false;                       ///< who connects over loopback may sign in without TLS
    std::uint64_t memory_message_size = 256ULL * 1024;  ///< a larger message is read in pieces
    std::chrono::seconds account_checked_every{60};     ///< whether a session's account is still open to it
    imap::figures figures{};
};

/// How a connection begins.
enum class beginning : std::uint8_t {
    in_the_clear,  ///< STARTTLS makes it TLS
    in_tls,        ///< from the first octet (RFC 8314 3.2); needs dependencies::tls
};

/// What one session may use. Each is a setting of [limits]; its default and meaning stand in config/settings.hpp.
struct session_limits {
    std::uint64_t message_size;
    std::size_t errors;
    std::chrono::seconds login_timeout;
    std::chrono::seconds idle_timeout;

    explicit session_limits(const config::limit_settings& s)
        : message_size(s.message_size),
          errors(s.imap_errors),
          login_timeout(s.imap_login_timeout),
          idle_timeout(s.imap_idle_timeout) {}
};

/// What the sessions of one server share and none of them changes. Sessions that begin after a change share another.
struct service {
    dependencies uses;
    session_limits limits;
    beginning begins;
};

}  // namespace postern::imap
