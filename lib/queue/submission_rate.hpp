#pragma once

#include <cstddef>
#include <unordered_map>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace postern::queue {

/// How much each account may send: `per_hour` at once, and as much again over each hour, evenly.
///
/// What a stolen password is worth to a spammer is bounded by this. Kept in memory, an entry for each account that has sent in
/// the last hour: several processes each count for themselves, and a restart forgives. Loop thread only.
class submission_rate {
public:
    submission_rate(std::size_t per_hour, const core::clock& clock);

    /// Whether one more would be allowed.
    [[nodiscard]] bool allows(core::account_id account);

    /// Counts one more. False, and it is not counted: that would be too many.
    [[nodiscard]] bool take(core::account_id account);

private:
    struct allowance {
        double left = 0;
        core::timestamp at;
    };

    allowance& of(core::account_id account);
    void forget_rested();

    double per_hour_;
    const core::clock& clock_;
    std::unordered_map<core::account_id, allowance> accounts_;
    std::size_t forget_at_ = 1024;  // entries, before those with their whole allowance are dropped
};

}  // namespace postern::queue
