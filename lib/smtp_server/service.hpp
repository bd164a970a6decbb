#pragma once

#include <string>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "net/blocking_pool.hpp"
#include "net/spool.hpp"
#include "net/tls_server_context.hpp"
#include "smtp/extensions.hpp"
#include "smtp_server/policy.hpp"
#include "smtp_server/session_limits.hpp"
#include "storage/message_store.hpp"

namespace postern::smtp_server {

/// What a server stands on. All of it outlives the server.
struct dependencies {
    const core::clock& clock;
    storage::message_store& store;
    smtp_server::policy& policy;
    net::blocking_pool& pool;
    net::spool_area& spool;
    core::logger log;
    const net::tls_server_context* tls = nullptr;  ///< without it TLS is not offered
};

/// What the sessions of one server share and none of them changes.
struct service {
    dependencies uses;
    std::string hostname;  ///< ours, in banner, EHLO and Received
    session_limits limits;
    smtp::extensions offered;  ///< after EHLO; STARTTLS is for the session to add
};

}  // namespace postern::smtp_server
