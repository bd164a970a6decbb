#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "account/sasl_accounts.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "net/blocking_pool.hpp"
#include "net/spool.hpp"
#include "net/tls_server_context.hpp"
#include "queue/intake.hpp"
#include "smtp/extensions.hpp"
#include "smtp_server/figures.hpp"
#include "smtp_server/policy.hpp"
#include "smtp_server/session_limits.hpp"
#include "storage/message_store.hpp"

namespace postern::smtp_server {

/// What a server for people stands on besides: they sign in, and what they send is completed and filed as sent (RFC 6409).
struct submission {
    account::sasl_accounts& accounts;
    core::random_source& random;
    bool allow_plaintext = false;  ///< who connects over loopback may sign in without TLS
};

/// What a server stands on. All of it outlives the server.
struct dependencies {
    const core::clock& clock;
    storage::message_store& store;
    queue::intake& intake;
    smtp_server::policy& policy;
    net::blocking_pool& pool;
    net::spool_area& spool;
    core::logger log;
    const net::tls_server_context* tls = nullptr;  ///< without it TLS is not offered
    std::optional<smtp_server::submission> people = std::nullopt;
    smtp_server::figures figures{};
};

/// How a connection begins.
enum class beginning : std::uint8_t {
    in_the_clear,  ///< STARTTLS makes it TLS
    in_tls,        ///< from the first octet (RFC 8314 3.3); needs dependencies::tls
};

/// What the sessions of one server share and none of them changes. Sessions that begin after a change share another.
struct service {
    dependencies uses;
    std::string hostname;  ///< ours, in banner, EHLO and Received
    session_limits limits;
    beginning begins;
    smtp::extensions offered;  ///< after EHLO; STARTTLS and AUTH are for the session to add
};

}  // namespace postern::smtp_server
