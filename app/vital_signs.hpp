#pragma once

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "net/awaitable.hpp"
#include "storage/queue_store.hpp"

/// What nobody counts as it happens, and is looked at from time to time. Each runs until it is cancelled.
namespace postern::app {

/// How late the loop comes to what is due: four times a second a timer, and by how much it was missed.
net::awaitable<void> watch_loop(core::metrics& into);

/// How much waits in the queue and since when, every five seconds, or less often where the database takes long to say it: so
/// that nobody who asks for metrics waits for a database, and counting takes no more than a twentieth of one reader's time.
/// While the database does not answer the last numbers stand.
net::awaitable<void> watch_queue(storage::queue_store& queue, const core::clock& clock, core::metrics& into);

/// Once a second the log says how many lines it has left out, where nobody else made it say so.
net::awaitable<void> watch_log(core::logger log);

}  // namespace postern::app
