#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"

namespace postern::queue {

/// When a message that could not be delivered is tried again.
///
/// The n-th failure is followed by the n-th pause; the last one repeats. A pause is lengthened at random by up to a
/// fifth, so that what failed together does not come back together, and never shortened, since a greylisting host counts. The
/// last attempt is made when the message expires.
class retry_schedule {
public:
    /// `pauses`: at least one, each positive.
    retry_schedule(std::vector<std::chrono::milliseconds> pauses, core::random_source& random);

    /// After the `attempts`-th failure (1 for the first); nullopt when `expires_at` has come: no more attempts.
    [[nodiscard]] std::optional<core::timestamp> next(std::int64_t attempts, core::timestamp now,
                                                      core::timestamp expires_at) const;

    /// The pause after the `failures`-th failure, without jitter.
    [[nodiscard]] std::chrono::milliseconds pause(std::int64_t failures) const;

private:
    std::vector<std::chrono::milliseconds> pauses_;
    core::random_source& random_;
};

}  // namespace postern::queue
