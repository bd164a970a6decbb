#pragma once

#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/database.hpp"

namespace postern::queue {

/// Puts what arrives into the index that searches ask: first what was left when the program ended, then whatever deliveries
/// bring, this process's or, on PostgreSQL, another's.
///
/// Behind them, so that they are not slowed down: a few messages at a time, read and taken apart on a thread of its own that
/// gets the processor when nobody else wants it, and with pauses, which are long while mail comes in. A message that cannot be
/// read is passed over. Runs until it is cancelled; what it refers to outlives it.
net::awaitable<void> index_arrivals(net::executor loop, storage::database& database, core::logger log);

}  // namespace postern::queue
