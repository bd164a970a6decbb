#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "core/clock.hpp"
#include "queue/bell.hpp"
#include "queue/job.hpp"
#include "queue/retry_schedule.hpp"
#include "queue/route_table.hpp"

namespace postern::queue {

/// One next hop: the jobs that wait for it, and what is known of how it takes mail.
///
/// How many connections it gets is learned: two until the first one stands, so that a dead host does not use up everybody's;
/// then up to the limit, half as many after each 421, one more after each message that went well.
class destination {
public:
    static constexpr std::size_t while_unknown = 2;
    static constexpr std::chrono::minutes longest_pause{10};

    destination(next_hop hop, std::size_t max_connections) : hop_(std::move(hop)), max_(max_connections), window_(max_) {}

    [[nodiscard]] const next_hop& hop() const noexcept { return hop_; }

    void add(job j);
    /// The oldest job; there must be one.
    [[nodiscard]] job take();
    [[nodiscard]] bool has_jobs() const noexcept { return !jobs_.empty(); }
    /// Whether there are more than those connections that were woken for it are about to take.
    [[nodiscard]] bool has_free_jobs() const noexcept { return jobs_.size() > woken; }
    [[nodiscard]] std::size_t items() const noexcept { return items_; }
    /// The domains its waiting items are addressed to.
    [[nodiscard]] const std::multiset<std::string>& domains() const noexcept { return domains_; }

    /// Connections it may have now.
    [[nodiscard]] std::size_t window() const noexcept { return proven_ ? window_ : std::min(window_, while_unknown); }
    std::size_t connections = 0;    ///< it has
    bool in_turn = false;           ///< it stands in the backlog's row
    std::deque<bell*> lingering{};  ///< connections without work, kept open for a moment
    std::size_t woken = 0;          ///< connections called to work that have not looked for a job yet

    void went_well();
    void turned_away();
    /// No host of it could be reached: after the n-th time in a row it is left alone for the schedule's n-th pause, at most ten
    /// minutes.
    void not_reached(smtp_client::delivery_status why, core::timestamp now, const retry_schedule& schedule);

    /// Why it is left alone now; nullopt when it may be tried.
    [[nodiscard]] std::optional<smtp_client::delivery_status> left_alone(core::timestamp now) const;
    [[nodiscard]] core::timestamp left_alone_until() const noexcept { return left_alone_until_; }

    /// Whether nothing is lost when it is forgotten.
    [[nodiscard]] bool is_idle(core::timestamp now) const;

private:
    next_hop hop_;
    std::deque<job> jobs_;
    std::multiset<std::string> domains_;
    std::size_t items_ = 0;
    std::size_t max_;
    std::size_t window_;
    bool proven_ = false;  // the last attempt to reach it succeeded
    std::int64_t failures_ = 0;
    core::timestamp left_alone_until_{};
    smtp_client::delivery_status why_;
};

}  // namespace postern::queue
