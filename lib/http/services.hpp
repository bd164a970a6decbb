#pragma once

#include <functional>
#include <string>
#include <vector>

#include "account/administration.hpp"
#include "account/api_tokens.hpp"
#include "account/app_passwords.hpp"
#include "account/authenticator.hpp"
#include "account/web_sessions.hpp"
#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "http/admin_json.hpp"
#include "http/client_settings.hpp"
#include "http/live_updates.hpp"
#include "http/page/static_files.hpp"
#include "net/blocking_pool.hpp"
#include "net/network_list.hpp"
#include "queue/administration.hpp"
#include "queue/outbox.hpp"
#include "storage/database.hpp"
#include "storage/login_store.hpp"

namespace postern::http {

/// What the handlers stand on. Everything outlives the server.
struct services {
    storage::database& database;
    account::authenticator& authenticator;
    account::api_tokens& tokens;
    account::web_sessions& sessions;
    storage::login_store& logins;
    net::blocking_pool& workers;  ///< for parsing messages and reading their content
    const core::clock& clock;
    const static_files& page;
    core::metrics& metrics;
    std::vector<std::string> metrics_from;  ///< networks, as "127.0.0.0/8"
    net::network_list forwarded_from{};     ///< proxies whose X-Forwarded-For is believed
    queue::outbox& outbox;
    account::administration& accounts;
    account::app_passwords& app_passwords;
    queue::administration& queue;
    live_updates& live;
    const server_facts& facts;
    const client_settings& clients;
    std::function<server_state()> look;
    std::size_t json_depth;             ///< of what clients send
    std::uint64_t memory_message_size;  ///< octets; a larger message is read in pieces
};

}  // namespace postern::http
