#include "queue/submission_rate.hpp"

#include <algorithm>

namespace postern::queue {

submission_rate::submission_rate(std::size_t per_hour, const core::clock& clock)
    : per_hour_(static_cast<double>(per_hour)), clock_(clock) {}

bool submission_rate::allows(core::account_id account) { return of(account).left >= 1; }

bool submission_rate::take(core::account_id account) {
    auto& a = of(account);
    if (a.left < 1) return false;
    a.left -= 1;
    return true;
}

submission_rate::allowance& submission_rate::of(core::account_id account) {
    const auto now = clock_.now();
    if (accounts_.size() >= forget_at_) forget_rested();
    auto& a = accounts_.try_emplace(account, allowance{per_hour_, now}).first->second;
    // A clock set back gives nothing and takes nothing.
    const auto hours = std::chrono::duration<double, std::chrono::hours::period>(std::max(now - a.at, {}));
    a.left = std::min(per_hour_, a.left + (hours.count() * per_hour_));
    a.at = now;
    return a;
}

void submission_rate::forget_rested() {
    const auto now = clock_.now();
    std::erase_if(accounts_, [now](const auto& each) { return now - each.second.at >= std::chrono::hours(1); });
    forget_at_ = std::max<std::size_t>(1024, accounts_.size() * 2);
}

}  // namespace postern::queue
