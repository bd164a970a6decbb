#pragma once

#include <chrono>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/message_store.hpp"

namespace postern::queue {

/// Removes what is older than `retention` from the timelines, now and every hour, a little at a time so that nobody waits for
/// it. Runs until it is cancelled; what it refers to outlives it.
net::awaitable<void> remove_old_events(net::executor loop, storage::message_store& messages, const core::clock& clock,
                                       std::chrono::seconds retention, core::logger log);

}  // namespace postern::queue
