#include "queue/verdict.hpp"

#include "test/catch.hpp"

namespace verdict_test {

using namespace postern;
using namespace std::chrono_literals;
using message::report_action;
using queue::verdict;
using kind = smtp_client::delivery_status::kind;

namespace {

constexpr core::timestamp start{std::chrono::seconds(1'000'000)};

storage::queue_item item() {
    storage::queue_item i;
    i.reverse_path = "alice@example.test";
    i.created_at = start;
    i.expires_at = start + 96h;
    return i;
}

constexpr storage::dsn_notify unasked{};
constexpr storage::dsn_notify never{.given = true};
constexpr storage::dsn_notify success{.given = true, .success = true};
constexpr storage::dsn_notify failure{.given = true, .failure = true};
constexpr storage::dsn_notify delay{.given = true, .delay = true};
constexpr storage::dsn_notify all{.given = true, .success = true, .failure = true, .delay = true};

verdict judged(const storage::queue_item& i, kind what, core::timestamp at, bool confirms = false, bool in_place = false) {
    queue::attempt a;
    a.status.what = what;
    a.at = at;
    a.confirms = confirms;
    a.in_place = in_place;
    return queue::judge(i, a, queue::retry_schedule({1min, 1h}), 4h);
}

}  // namespace

TEST_CASE("a sender is told of a failure unless it asked not to be") {
    struct row {
        storage::dsn_notify notify;
        bool told;
    };
    const row rows[] = {{unasked, true}, {failure, true}, {all, true}, {never, false}, {success, false}, {delay, false}};
    for (const auto& r : rows) {
        auto i = item();
        i.notify = r.notify;
        const auto expected = r.told ? std::optional(report_action::failed) : std::nullopt;
        CHECK(judged(i, kind::permanent, start).what == verdict::kind::failed);
        CHECK(judged(i, kind::permanent, start).notice == expected);
        CHECK(judged(i, kind::temporary, i.expires_at).what == verdict::kind::expired);
        CHECK(judged(i, kind::temporary, i.expires_at).notice == expected);
        CHECK(queue::failure_notice(i) == expected);
    }
}

TEST_CASE("a sender is told of a success only when it asked, and only by the last host that can") {
    struct row {
        storage::dsn_notify notify;
        bool told;
    };
    const row rows[] = {{unasked, false}, {failure, false}, {never, false}, {delay, false}, {success, true}, {all, true}};
    for (const auto& r : rows) {
        auto i = item();
        i.notify = r.notify;
        const auto if_told = [&](report_action a) { return r.told ? std::optional(a) : std::nullopt; };
        CHECK(judged(i, kind::delivered, start).notice == if_told(report_action::relayed));  // RFC 3461 5.2.2 (b)
        CHECK(judged(i, kind::delivered, start, true).notice == std::nullopt);               // 5.2.1: the host tells
        CHECK(judged(i, kind::delivered, start, false, true).notice == if_told(report_action::delivered));  // 5.2.3 (a)
        CHECK(judged(i, kind::delivered, start).what == verdict::kind::delivered);
    }
}

TEST_CASE("a sender is told of a delay once, after its time, unless it asked for other notices only") {
    struct row {
        storage::dsn_notify notify;
        std::chrono::minutes age;
        bool told_before;
        bool told;
    };
    const row rows[] = {
        {unasked, 240min, false, true},  {unasked, 239min, false, false}, {unasked, 300min, true, false},
        {delay, 240min, false, true},    {all, 240min, false, true},      {failure, 240min, false, false},
        {success, 240min, false, false}, {never, 240min, false, false},
    };
    for (const auto& r : rows) {
        auto i = item();
        i.notify = r.notify;
        i.delay_notified = r.told_before;
        const auto v = judged(i, kind::temporary, start + r.age);
        CHECK(v.what == verdict::kind::deferred);
        CHECK(v.notice == (r.told ? std::optional(report_action::delayed) : std::nullopt));
    }
    queue::attempt late;
    late.at = start + 95h;
    CHECK_FALSE(queue::judge(item(), late, queue::retry_schedule({1min}), 0ms).notice);  // turned off
}

TEST_CASE("nobody is told of anything about a message without a sender") {
    auto i = item();
    i.reverse_path.clear();
    i.notify = all;
    for (const auto what : {kind::delivered, kind::temporary, kind::permanent}) {
        for (const auto at : {start, start + 5h, i.expires_at}) CHECK_FALSE(judged(i, what, at).notice);
    }
    CHECK_FALSE(queue::failure_notice(i));
}

TEST_CASE("the next attempt follows the schedule, a destination's rest, and the item's own end") {
    const queue::retry_schedule schedule({1min, 1h});
    queue::attempt failed;
    failed.at = start;
    auto i = item();
    const auto next = [&](core::timestamp not_before) {
        return queue::judge(i, failed, schedule, 4h, not_before).next_attempt_at;
    };
    CHECK(next({}) == schedule.next(i, start));
    CHECK(next(start + 10min) == schedule.next(i, start, start + 10min));
    CHECK(next(start + 10min) >= start + 10min);
    i.attempts = 1;
    CHECK(next({}) >= start + 1h);
    i.expires_at = start + 5min;
    CHECK(next({}) == start + 5min);
    CHECK(next(start + 10min) == start + 5min);
}

}  // namespace verdict_test
