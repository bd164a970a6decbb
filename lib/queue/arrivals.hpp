#pragma once

#include <memory>

#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/database.hpp"

namespace postern::queue {

/// Gives what arrives its threads: first what was left when the program ended, then whatever deliveries bring, this process's
/// or, on PostgreSQL, another's. Behind them, and with pauses, so that they are not slowed down: under a heavy load it falls
/// back and catches up later. Runs until it is cancelled; what it refers to outlives it.
net::awaitable<void> thread_arrivals(net::executor loop, storage::database& database, core::logger log);

}  // namespace postern::queue
