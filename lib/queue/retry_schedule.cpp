#include "queue/retry_schedule.hpp"

#include <algorithm>

namespace postern::queue {

namespace {

using micros = std::chrono::microseconds;

/// The first instant from `from` on at which the message's items may fall due: there is one every `step`. The first one after
/// its arrival comes when at least half a step is over, so that attempts made at once end on one side of it.
core::timestamp common_instant(const storage::queue_item& item, core::timestamp from, micros step) {
    // Fibonacci hashing, for ids are numbered through.
    const auto scattered = static_cast<std::uint64_t>(item.message.value) * 0x9e37'79b9'7f4a'7c15ULL;
    const auto half = step / 2;
    const auto offset = half + half * static_cast<std::int64_t>(scattered >> 48) / 0x1'0000;
    auto past = (from - item.created_at - offset) % step;
    if (past < micros::zero()) past += step;  // the clock was set back
    return past == micros::zero() ? from : from + (step - past);
}

}  // namespace

std::chrono::milliseconds retry_schedule::pause(std::int64_t failures) const {
    const auto place = static_cast<std::size_t>(std::max<std::int64_t>(failures, 1)) - 1;
    return pauses_[std::min(place, pauses_.size() - 1)];
}

std::optional<core::timestamp> retry_schedule::next(const storage::queue_item& item, core::timestamp now,
                                                    core::timestamp not_before) const {
    if (now >= item.expires_at) return std::nullopt;
    const micros wait = pause(item.attempts + 1);
    return std::min(common_instant(item, std::max(now + wait, not_before), wait / 5), item.expires_at);
}

}  // namespace postern::queue
