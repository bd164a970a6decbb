#pragma once

#include <chrono>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/database.hpp"

namespace postern::queue {

/// How long things stay that nobody asks to be removed.
struct retention {
    std::chrono::seconds events{};  ///< of timelines, and what changed in mailboxes; zero: for good
    std::chrono::seconds trash{};   ///< messages there; zero: for good
    std::chrono::seconds junk{};    ///< likewise
    std::chrono::seconds logins{};  ///< likewise
    std::chrono::seconds responses = std::chrono::hours(24);
    std::chrono::seconds idle_web_sessions = std::chrono::days(30);  ///< since they were seen
};

/// Removes what is older from the database, now and every hour, a little at a time so that nobody waits for it. Runs until it
/// is cancelled; what it refers to outlives it.
net::awaitable<void> remove_old_rows(net::executor loop, storage::database& database, const core::clock& clock, retention keep,
                                     core::logger log);

}  // namespace postern::queue
