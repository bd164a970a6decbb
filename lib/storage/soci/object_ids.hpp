#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/soci/connection.hpp"

namespace postern::storage {

/// Draws the next `count` ids of those that messages, entries, events and queue items share; ascending. Within a transaction of
/// the writer.
[[nodiscard]] std::vector<std::int64_t> draw_object_ids(connection& on, std::size_t count);

}  // namespace postern::storage
