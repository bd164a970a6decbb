#include "queue/retry_schedule.hpp"

#include "fixed_random.hpp"
#include "test/catch.hpp"

namespace retry_schedule_test {

using namespace postern;
using namespace std::chrono_literals;
using test::fixed_random;

namespace {

const std::vector<std::chrono::milliseconds> usual{1min, 5min, 10min, 20min, 40min, 1h};
const core::timestamp now{std::chrono::seconds(1'000'000)};

}  // namespace

TEST_CASE("the n-th failure is followed by the n-th pause, and the last pause repeats") {
    fixed_random none{std::byte{0x00}};
    const queue::retry_schedule schedule(usual, none);
    struct row {
        std::int64_t attempts;
        std::chrono::minutes pause;
    };
    const row rows[] = {{1, 1min}, {2, 5min}, {3, 10min}, {4, 20min}, {5, 40min}, {6, 60min}, {7, 60min}, {1'000'000, 60min}};
    for (const auto& r : rows) CHECK(schedule.next(r.attempts, now, now + 96h) == now + r.pause);
    CHECK(schedule.next(0, now, now + 96h) == now + 1min);  // never attempted, deferred all the same: as after the first
}

TEST_CASE("jitter lengthens a pause by up to a fifth and never shortens it") {
    fixed_random all{std::byte{0xff}};
    CHECK(queue::retry_schedule(usual, all).next(2, now, now + 96h) == now + 6min);

    core::system_random random;
    const queue::retry_schedule schedule(usual, random);
    for (int i = 0; i < 1000; ++i) {
        const auto next = schedule.next(1, now, now + 96h);
        REQUIRE(next >= now + 60s);
        REQUIRE(next <= now + 72s);
    }
}

TEST_CASE("the last attempt is made when the message expires, and none after it") {
    fixed_random none{std::byte{0x00}};
    const queue::retry_schedule schedule(usual, none);
    CHECK(schedule.next(6, now, now + 30min) == now + 30min);
    CHECK(schedule.next(6, now, now + 1us) == now + 1us);
    CHECK(schedule.next(6, now, now) == std::nullopt);
    CHECK(schedule.next(1, now, now - 1h) == std::nullopt);
}

TEST_CASE("pauses of seconds are kept to as well as hours") {
    fixed_random none{std::byte{0x00}};
    const queue::retry_schedule schedule({200ms, 1s}, none);
    CHECK(schedule.next(1, now, now + 10s) == now + 200ms);
    CHECK(schedule.next(9, now, now + 10s) == now + 1s);
}

}  // namespace retry_schedule_test
