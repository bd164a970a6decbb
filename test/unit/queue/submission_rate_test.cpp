#include "queue/submission_rate.hpp"

#include "test/catch.hpp"

namespace submission_rate_test {

using namespace postern;
using namespace std::chrono_literals;
using core::account_id;

TEST_CASE("an account may send an hour's worth at once, and again as time passes") {
    core::manual_clock clock{core::timestamp(1'000'000s)};
    queue::submission_rate rate(3, clock);
    for (int i = 0; i < 3; ++i) CHECK(rate.take(account_id{1}));
    CHECK_FALSE(rate.take(account_id{1}));
    CHECK_FALSE(rate.allows(account_id{1}));
    CHECK(rate.take(account_id{2}));  // each its own
    clock.advance(19min);
    CHECK_FALSE(rate.take(account_id{1}));
    clock.advance(2min);
    CHECK(rate.allows(account_id{1}));
    CHECK(rate.allows(account_id{1}));  // asking costs nothing
    CHECK(rate.take(account_id{1}));
    CHECK_FALSE(rate.take(account_id{1}));
    clock.advance(240h);
    for (int i = 0; i < 3; ++i) CHECK(rate.take(account_id{1}));  // no more than an hour's is saved up
    CHECK_FALSE(rate.take(account_id{1}));
    clock.advance(-5h);
    CHECK_FALSE(rate.take(account_id{1}));
}

TEST_CASE("accounts that have not sent for an hour are forgotten, the others are not") {
    core::manual_clock clock{core::timestamp(1'000'000s)};
    queue::submission_rate rate(1, clock);
    for (std::int64_t id = 1; id <= 3000; ++id) CHECK(rate.take(account_id{id}));
    clock.advance(30min);
    for (std::int64_t id = 3001; id <= 6000; ++id) CHECK(rate.take(account_id{id}));
    for (std::int64_t id = 1; id <= 6000; ++id) CHECK_FALSE(rate.take(account_id{id}));
}

}  // namespace submission_rate_test
