#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message/summary.hpp"

/// The columns that hold lists, as JSON text: the same octets for jsonb on PostgreSQL and text on SQLite.
namespace postern::storage {

/// [{"name","address"}], as in message.to_list.
[[nodiscard]] std::string to_json(const std::vector<message::mailbox_address>& addresses);
/// ["text"], as in message.recipients and message.reference_list.
[[nodiscard]] std::string to_json(const std::vector<std::string>& texts);

/// What to_json wrote. Throws database_error (failed) on anything else: somebody wrote to our tables.
[[nodiscard]] std::vector<message::mailbox_address> addresses_from_json(std::string_view json);
[[nodiscard]] std::vector<std::string> texts_from_json(std::string_view json);

}  // namespace postern::storage
