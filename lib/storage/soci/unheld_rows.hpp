#pragma once

#include <vector>

#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

/// What goes with the last place that held a message: its octets at once, the rest of it with its last event. Each is part of a
/// transaction of the writer.
namespace postern::storage {

/// Locks what is on its way out of `messages` until the transaction ends: who concludes one meanwhile waits, and then sees that
/// no mailbox holds it any more. Before any mailbox is locked.
void lock_outbound(connection& on, const std::vector<message_id>& messages);

/// Deletes entries, and what is remembered of threads that have none left.
void delete_entries(connection& on, const std::vector<entry_id>& entries);

/// After that: the octets of those messages that no mailbox and no outbound half holds, and all of those of
/// which nothing is known either.
void drop_unheld(connection& on, std::vector<message_id> messages);

/// Messages that nobody holds and nothing is known about any more.
void delete_forgotten(connection& on, const std::vector<message_id>& candidates);

}  // namespace postern::storage
