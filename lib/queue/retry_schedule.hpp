#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "storage/queue_records.hpp"

namespace postern::queue {

/// When a message that could not be delivered is tried again.
///
/// The n-th failure is followed by the n-th pause; the last one repeats. A pause is lengthened by up to a fifth and never
/// shortened, since a greylisting host counts. By how much is the message's own: its recipients that failed at about the same
/// time fall due at the same instant, wherever they go, so that one notice can tell of them all, and messages that failed
/// together do not come back together. The last attempt is made when the message expires.
class retry_schedule {
public:
    /// `pauses`: at least one, each positive.
    explicit retry_schedule(std::vector<std::chrono::milliseconds> pauses) : pauses_(std::move(pauses)) {}

    /// When an item is due whose attempt has failed at `now`, as another `item.attempts` did before; not earlier than
    /// `not_before`, unless it expires before. nullopt when it has expired: no more attempts.
    [[nodiscard]] std::optional<core::timestamp> next(const storage::queue_item& item, core::timestamp now,
                                                      core::timestamp not_before = {}) const;

    /// The pause after the `failures`-th failure, without jitter.
    [[nodiscard]] std::chrono::milliseconds pause(std::int64_t failures) const;

private:
    std::vector<std::chrono::milliseconds> pauses_;
};

}  // namespace postern::queue
