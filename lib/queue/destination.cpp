#include "queue/destination.hpp"

#include <algorithm>
#include <utility>

namespace postern::queue {

void destination::add(job j) {
    for (const auto& i : j.items) domains_.insert(i.destination);
    items_ += j.items.size();
    jobs_.push_back(std::move(j));
}

job destination::take() {
    auto first = std::move(jobs_.front());
    jobs_.pop_front();
    for (const auto& i : first.items) domains_.extract(i.destination);
    items_ -= first.items.size();
    return first;
}

void destination::went_well() {
    proven_ = true;
    failures_ = 0;
    left_alone_until_ = {};
    window_ = std::min(window_ + 1, max_);
}

void destination::turned_away() { window_ = std::max<std::size_t>(window_ / 2, 1); }

void destination::not_reached(smtp_client::delivery_status why, core::timestamp now, const retry_schedule& schedule) {
    proven_ = false;
    if (now < left_alone_until_) return;  // a connection begun before the one that found out
    const std::chrono::milliseconds pause = schedule.pause(++failures_);
    left_alone_until_ = now + std::min<std::chrono::milliseconds>(pause, longest_pause);
    why_ = std::move(why);
}

std::optional<smtp_client::delivery_status> destination::left_alone(core::timestamp now) const {
    if (now >= left_alone_until_) return std::nullopt;
    return why_;
}

bool destination::is_idle(core::timestamp now) const { return jobs_.empty() && connections == 0 && now >= left_alone_until_; }

}  // namespace postern::queue
