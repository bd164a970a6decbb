#include "queue/retry_schedule.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace postern::queue {

namespace {

/// At random from 0 to a fifth of `pause`.
std::chrono::microseconds jitter(std::chrono::milliseconds pause, core::random_source& random) {
    std::uint32_t n = 0;
    random.fill(std::as_writable_bytes(std::span(&n, 1)));
    const auto most = std::chrono::microseconds(pause) / 5;
    return most * n / 0xffff'ffffU;
}

}  // namespace

retry_schedule::retry_schedule(std::vector<std::chrono::milliseconds> pauses, core::random_source& random)
    : pauses_(std::move(pauses)), random_(random) {}

std::chrono::milliseconds retry_schedule::pause(std::int64_t failures) const {
    const auto place = static_cast<std::size_t>(std::max<std::int64_t>(failures, 1)) - 1;
    return pauses_[std::min(place, pauses_.size() - 1)];
}

std::optional<core::timestamp> retry_schedule::next(std::int64_t attempts, core::timestamp now,
                                                    core::timestamp expires_at) const {
    if (now >= expires_at) return std::nullopt;
    const auto wait = pause(attempts);
    return std::min(now + wait + jitter(wait, random_), expires_at);
}

}  // namespace postern::queue
