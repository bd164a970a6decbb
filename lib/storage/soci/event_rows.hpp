#pragma once

#include <vector>

#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// All events of a message, in order.
[[nodiscard]] std::vector<message_event> select_events(connection& on, message_id id);

}  // namespace postern::storage
