// Outcomes: written down with their events and the notices they cause, in one transaction.
#include <algorithm>
#include <array>
#include <utility>

#include "queue/engine.hpp"
#include "queue/timeline.hpp"
#include "storage/errc.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::array<steady::duration, 5> pauses{200ms, 1s, 2s, 5s, 5s};  // the last repeats
constexpr std::size_t most_refusals = 10;                                 // of a write that the database does not take

storage::queue_outcome outcome_of(const settled_item& s) {
    storage::queue_outcome o;
    o.item = s.item.id;
    o.message = s.item.message;
    o.submitted_by = s.item.submitted_by;
    o.what =
        s.verdict.what == verdict::kind::deferred ? storage::queue_outcome::kind::deferred : storage::queue_outcome::kind::done;
    o.events.push_back(event_of(s));
    o.next_attempt_at = s.verdict.next_attempt_at;
    o.delay_notified = s.verdict.notice == message::report_action::delayed;
    const auto& status = s.attempt.status;
    o.last_host = fit_for_row(status.host);
    o.last_status = smtp::to_string(status.status);
    o.last_reply = fit_for_row(status.reply.empty() ? status.reason : status.reply);
    return o;
}

bool is_held_back(const settled_item& s) {
    return s.verdict.notice == message::report_action::failed || s.verdict.notice == message::report_action::delayed;
}

bool is_full(const std::error_code& e) {
    return e == storage::errc::over_quota || e == storage::errc::some_over_quota || e == storage::errc::account_gone;
}

}  // namespace

/// Decides about each item. What nobody has to be told of, and what went well, is written down at once; a failure waits in the
/// round for the message's other destinations.
net::awaitable<void> engine::record(std::shared_ptr<message_round> round, items done, std::vector<attempt> attempts,
                                    core::timestamp not_before) {
    std::vector<settled_item> now;
    for (std::size_t i = 0; i < done.size(); ++i) {
        settled_item s{std::move(done[i]), std::move(attempts[i]), {}};
        s.verdict = judge(s.item, s.attempt, schedule_, settings_.queue.delay_notice, not_before);
        (is_held_back(s) ? round->to_tell : now).push_back(std::move(s));
    }
    if (!now.empty()) co_await conclude(round, std::move(now));
}

/// After a job: with the round's last one its failures are told of; before, somebody sees to it that they do not wait too long.
net::awaitable<void> engine::close_job(job done) {
    const auto round = std::move(done.round);
    done.share.reset();
    if (round->to_tell.empty()) co_return;
    if (round->open_jobs.expired()) co_return co_await conclude(round, std::exchange(round->to_tell, {}));
    if (!std::exchange(round->reporter_waits, true)) tasks_.spawn(tell_later(shared_from_this(), round), "bounce");
}

net::awaitable<void> engine::tell_later(shared self, std::shared_ptr<message_round> round) {
    const auto limit = steady::now() + self->settings_.tell_together;
    while (!round->to_tell.empty() && !self->stopping_ && steady::now() < limit) co_await self->pause(1s);
    round->reporter_waits = false;
    if (!round->to_tell.empty()) co_await self->conclude(round, std::exchange(round->to_tell, {}));
}

net::awaitable<void> engine::conclude(std::shared_ptr<message_round> round, std::vector<settled_item> settled) {
    // Nothing is delivered with it that could be refused.
    static_cast<void>(co_await conclude_with(std::move(round), std::move(settled), std::nullopt));
}

/// Writes until it is written, as long as the leases hold; then, or when the database refuses for good, the items are left to
/// whoever gets their lease. `copy` is delivered in the same transaction; where it is refused nothing is written, and that is
/// the failure.
net::awaitable<core::result<void>> engine::conclude_with(std::shared_ptr<message_round> round,
                                                         std::vector<settled_item> settled,
                                                         std::optional<storage::delivery> copy) {
    bool with_notice = true;
    std::size_t refusals = 0;
    for (std::size_t tries = 0;; ++tries) {
        core::result<std::optional<storage::delivery>> notice;
        if (with_notice) notice = co_await notice_for(*round, settled);
        core::result<void> written;
        if (notice) {
            written = co_await conclude_once(settled, std::move(*notice), copy);
        } else {
            written = std::unexpected(notice.error());
        }
        if (written) break;
        uses_.log.warning("outcome not written",
                          {{"id", core::to_string(round->message)}, {"reason", written.error().message()}});
        const auto why = written.error().code;
        if (is_full(why) && std::exchange(with_notice, false)) continue;  // its inbox is full: the outcome counts
        if (copy && (is_full(why) || why == storage::errc::failed)) co_return written;
        if (why == storage::errc::failed && ++refusals == most_refusals) break;
        const auto now = uses_.clock.now();
        if (std::ranges::none_of(settled, [&](const auto& s) { return leases_.holds(s.item.id, now); })) break;
        co_await pause(pauses.at(std::min(tries, pauses.size() - 1)));
    }
    forget(settled);
    co_return core::result<void>{};
}

net::awaitable<core::result<std::optional<storage::delivery>>> engine::notice_for(const message_round& round,
                                                                                  const std::vector<settled_item>& settled) {
    auto about = request_about(settled.front().item);
    for (const auto& s : settled) {
        if (s.verdict.notice) about.recipients.push_back(report_of(s));
    }
    if (about.recipients.empty()) co_return std::nullopt;
    about.octets = round.octets;
    co_return co_await reports_.write(std::move(about));
}

net::awaitable<core::result<void>> engine::conclude_once(const std::vector<settled_item>& settled,
                                                         std::optional<storage::delivery> notice,
                                                         std::optional<storage::delivery> copy) {
    std::vector<storage::queue_outcome> outcomes;
    for (const auto& s : settled) outcomes.push_back(outcome_of(s));
    std::vector<storage::delivery> notices;
    items born;
    std::shared_ptr<const core::content> octets;
    if (notice) {
        outcomes.back().events.push_back(notified_event(*notice));
        born = lease_from_birth(*notice);
        octets = notice->octets;
        notices.push_back(std::move(*notice));
    }
    if (copy) notices.push_back(std::move(*copy));
    auto done = co_await uses_.queue.conclude(owner_, std::move(outcomes), std::move(notices));
    if (!done) co_return std::unexpected(std::move(done).error());
    for (const auto& s : settled) {
        const bool lost = std::ranges::find(done->lost, s.item.id) != done->lost.end();
        if (lost) {
            uses_.log.warning("lease lost", {{"id", core::to_string(s.item.message)}, {"to", s.item.recipient}});
        } else {
            uses_.figures.count(s.verdict.what, s.attempt.in_place);
            log_outcome(s);
        }
    }
    if (!born.empty() && !done->notices.empty()) take_in_fresh(std::move(born), done->notices.front(), std::move(octets));
    co_return core::result<void>{};
}

/// They are not ours any more. What is deferred is looked for again when its time comes.
void engine::forget(const std::vector<settled_item>& settled) {
    for (const auto& s : settled) {
        leases_.remove(s.item.id);
        if (s.verdict.what == verdict::kind::deferred && s.verdict.next_attempt_at < next_look_) {
            next_look_ = s.verdict.next_attempt_at;
            wake_.ring();
        }
    }
}

void engine::log_outcome(const settled_item& s) const {
    if (!uses_.log.writes(core::log_level::info)) return;
    const auto event = event_of(s);
    const auto& status = s.attempt.status;
    uses_.log.info(event.kind, {{"id", core::to_string(s.item.message)},
                                {"to", s.item.recipient},
                                {"host", status.host},
                                {"address", status.address},
                                {"tls", status.tls},
                                {"status", smtp::to_string(status.status)},
                                {"reply", status.reply.empty() ? status.reason : status.reply},
                                {"attempts", s.item.attempts + 1},
                                {"ms", s.attempt.took.count()}});
}

net::awaitable<void> engine::pause(steady::duration time) {
    bell never(uses_.loop);
    co_await never.wait(time);
}

}  // namespace postern::queue
