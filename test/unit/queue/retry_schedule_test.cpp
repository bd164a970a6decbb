#include "queue/retry_schedule.hpp"

#include <set>

#include "test/catch.hpp"

namespace retry_schedule_test {

using namespace postern;
using namespace std::chrono_literals;

namespace {

const std::vector<std::chrono::milliseconds> usual{1min, 5min, 10min, 20min, 40min, 1h};
const core::timestamp now{std::chrono::seconds(1'000'000)};

/// Whose attempts before have failed.
storage::queue_item item(std::int64_t attempts, core::timestamp expires_at = now + 96h, std::int64_t message = 1) {
    storage::queue_item i;
    i.message = storage::message_id{message};
    i.attempts = attempts;
    i.created_at = now;
    i.expires_at = expires_at;
    return i;
}

}  // namespace

TEST_CASE("the n-th failure is followed by the n-th pause, lengthened by up to a fifth, and the last pause repeats") {
    const queue::retry_schedule schedule(usual);
    struct row {
        std::int64_t attempts;
        std::chrono::seconds pause;
    };
    const row rows[] = {{0, 1min}, {1, 5min}, {2, 10min}, {3, 20min}, {4, 40min}, {5, 60min}, {6, 60min}, {1'000'000, 60min}};
    for (const auto& r : rows) {
        for (std::int64_t message = 1; message <= 100; ++message) {
            for (const auto failed : {now - 1h, now, now + 1us, now + 10s, now + 5h}) {
                const auto next = schedule.next(item(r.attempts, now + 96h, message), failed);
                REQUIRE(next >= failed + r.pause);
                REQUIRE(next < failed + r.pause * 6 / 5);
            }
        }
    }
}

TEST_CASE("recipients of one message that failed at about the same time fall due at the same instant, again and again") {
    const queue::retry_schedule schedule(usual);
    for (std::int64_t message = 1; message <= 100; ++message) {
        auto due = now;
        for (std::int64_t attempts = 0; attempts < 20; ++attempts) {
            const auto soon = schedule.next(item(attempts, now + 96h, message), due + 10ms);
            const auto late = schedule.next(item(attempts, now + 96h, message), due + 5900ms);
            REQUIRE(soon == late);
            due = *soon;
        }
    }
}

TEST_CASE("messages that failed together do not come back together") {
    const queue::retry_schedule schedule(usual);
    std::set<core::timestamp> due;
    for (std::int64_t message = 1; message <= 1000; ++message) due.insert(*schedule.next(item(0, now + 96h, message), now));
    CHECK(due.size() > 990);
    CHECK(*due.rbegin() - *due.begin() > 5s);  // over half of the twelve seconds there are
}

TEST_CASE("an item does not fall due before its destination is asked again") {
    const queue::retry_schedule schedule(usual);
    const auto next = schedule.next(item(0), now, now + 30min);
    CHECK(next >= now + 30min);
    CHECK(next < now + 30min + 12s);
    CHECK(schedule.next(item(0), now, now + 30s) == schedule.next(item(0), now));
    CHECK(schedule.next(item(0, now + 20min), now, now + 30min) == now + 20min);
}

TEST_CASE("the last attempt is made when the message expires, and none after it") {
    const queue::retry_schedule schedule(usual);
    CHECK(schedule.next(item(5, now + 30min), now) == now + 30min);
    CHECK(schedule.next(item(5, now + 1us), now) == now + 1us);
    CHECK(schedule.next(item(5, now), now) == std::nullopt);
    CHECK(schedule.next(item(0, now - 1h), now) == std::nullopt);
}

TEST_CASE("pauses of a millisecond are kept to as well as years") {
    for (const std::chrono::microseconds pause : {std::chrono::microseconds(1ms), std::chrono::microseconds(24h * 3650)}) {
        const auto next = queue::retry_schedule({std::chrono::duration_cast<std::chrono::milliseconds>(pause)})
                              .next(item(9, now + pause * 2), now);
        CHECK(next >= now + pause);
        CHECK(next <= now + pause + pause / 5);
    }
}

}  // namespace retry_schedule_test
