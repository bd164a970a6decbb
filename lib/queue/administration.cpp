#include "queue/administration.hpp"

#include <map>
#include <utility>

#include "queue/timeline.hpp"
#include "queue/verdict.hpp"
#include "smtp_client/transaction.hpp"
#include "storage/errc.hpp"

namespace postern::queue {

namespace {

settled_item given_up(storage::queue_item item, core::timestamp now) {
    settled_item s;
    s.attempt.status = smtp_client::failure(smtp_client::delivery_status::kind::permanent, {5, 0, 0},
                                            "the administrator of this server gave the message up");
    if (!item.last_reply.empty()) s.attempt.status.reason += "; before that: " + item.last_reply;
    s.attempt.made = false;
    s.attempt.at = now;
    s.verdict.what = verdict::kind::failed;
    s.verdict.notice = failure_notice(item);
    s.item = std::move(item);
    return s;
}

bool cannot_be_told(const std::error_code& e) {
    return e == storage::errc::over_quota || e == storage::errc::some_over_quota || e == storage::errc::account_gone;
}

}  // namespace

administration::administration(report_writer::dependencies uses, storage::queue_store& queue, std::string hostname,
                               std::chrono::milliseconds expire)
    : clock_(uses.clock), queue_(queue), reports_(std::move(uses), std::move(hostname), expire) {}

net::awaitable<core::result<std::size_t>> administration::bounce(std::vector<storage::queue_item> items) {
    std::map<storage::message_id, std::vector<storage::queue_item>> messages;
    for (auto& i : items) messages[i.message].push_back(std::move(i));
    std::size_t bounced = 0;
    for (auto& [id, its] : messages) {
        const auto done = co_await bounce_message(std::move(its));
        if (!done) co_return std::unexpected(done.error());
        bounced += *done;
    }
    co_return bounced;
}

net::awaitable<core::result<std::size_t>> administration::bounce_message(std::vector<storage::queue_item> items) {
    const auto count = items.size();
    auto about = request_about(items.front());
    std::vector<storage::queue_outcome> outcomes;
    for (auto& i : items) {
        const auto s = given_up(std::move(i), clock_.now());
        if (s.verdict.notice) about.recipients.push_back(report_of(s));
        storage::queue_outcome o;
        o.item = s.item.id;
        o.message = s.item.message;
        o.submitted_by = s.item.submitted_by;
        o.events.push_back(event_of(s));
        outcomes.push_back(std::move(o));
    }
    std::vector<storage::delivery> notices;
    if (!about.recipients.empty()) {
        auto notice = co_await reports_.write(std::move(about));
        if (!notice) co_return std::unexpected(std::move(notice).error());
        if (*notice) {
            outcomes.back().events.push_back(notified_event(**notice));
            notices.push_back(std::move(**notice));
        }
    }
    auto done = co_await queue_.conclude("", outcomes, std::move(notices));
    if (!done && cannot_be_told(done.error().code)) done = co_await queue_.conclude("", std::move(outcomes), {});
    if (!done) co_return std::unexpected(std::move(done).error());
    co_return count - done->lost.size();
}

}  // namespace postern::queue
