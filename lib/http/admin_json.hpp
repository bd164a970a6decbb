#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "account/administration.hpp"
#include "storage/queue_records.hpp"

/// What administrators are shown.
namespace postern::http {

/// What the server says of itself.
struct server_facts {
    std::string hostname;
    std::string version;
    std::string database;  ///< "SQLite" or "PostgreSQL"
    core::timestamp started_at;
};

/// What it says of itself at a moment.
struct server_state {
    struct certificate {
        std::string subject;
        std::vector<std::string> names;
        core::timestamp expires_at;
    };
    std::vector<certificate> certificates;
    std::size_t smtp_sessions = 0;
    std::size_t submission_sessions = 0;  ///< both kinds
    std::size_t imap_sessions = 0;        ///< likewise
    std::size_t http_connections = 0;
};

/// {"version","hostname","database","uptime","domains","accounts","aliases","queue":{"waiting","held","oldest_at"},
/// "sessions":{"smtp","submission","http"},"certificates":[{"subject","names","expires_at","days_left"}]}; uptime in seconds.
[[nodiscard]] boost::json::object overview_json(const server_facts& facts, const server_state& state,
                                                const std::vector<storage::domain>& domains, const storage::queue_depth& depth,
                                                core::timestamp now);

/// {"name","accounts","aliases","created_at"}
[[nodiscard]] boost::json::object to_json(const storage::domain& d);
/// {"address","name","admin","disabled","can_sign_in","quota":{"used","limit"},"created_at","aliases"}
[[nodiscard]] boost::json::object to_json(const account::account_view& a);
/// {"address","targets","created_at"}
[[nodiscard]] boost::json::object to_json(const storage::alias& a);
/// "working", "held", "due" or "waiting".
[[nodiscard]] std::string_view state_of(const storage::queue_item& i, core::timestamp now);
/// Also what `postern queue list --json` prints.
[[nodiscard]] boost::json::object to_json(const storage::queue_item& i, core::timestamp now);
/// {"id","received_at","size","envelope":{"from","to"},"places","events"}
[[nodiscard]] boost::json::object to_json(const storage::message_trace& t);

}  // namespace postern::http
