#include "account/login_throttle.hpp"

#include <vector>

#include "test/catch.hpp"

namespace login_throttle_test {

using namespace postern;
using namespace std::chrono_literals;
using account::login_throttle;
using boost::asio::ip::make_address;

namespace {

const auto here = make_address("192.0.2.1");
const auto elsewhere = make_address("198.51.100.7");
const std::string alice = "alice@example.test";

struct fixture {
    core::manual_clock clock{core::timestamp{1'000'000s}};
    login_throttle throttle{clock};

    /// An attempt that may begin, after its wait if there is one.
    login_throttle::attempt begin(const std::string& account, const boost::asio::ip::address& client) {
        clock.advance(throttle.wait_before(account, client));
        return throttle.begin(account, client).value();
    }
    void succeed(const std::string& account, const boost::asio::ip::address& client) {
        throttle.take_back(begin(account, client));
        throttle.succeeded(account, client);
    }
    void fail(const std::string& account, const boost::asio::ip::address& client, int times = 1) {
        for (int i = 0; i < times; ++i) throttle.failed(begin(account, client));
    }
};

}  // namespace

TEST_CASE_METHOD(fixture, "the first failures are free, then each doubles the wait up to a bound") {
    fail(alice, here, 5);
    CHECK(throttle.wait_before(alice, here) == 0s);
    const std::chrono::seconds waits[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
    for (const auto expected : waits) {
        fail(alice, here);
        CHECK(throttle.wait_before(alice, here) == expected);
    }
    clock.advance(59s);
    CHECK(throttle.wait_before(alice, here) == 1s);
    clock.advance(1s);
    CHECK(throttle.wait_before(alice, here) == 0s);
}

TEST_CASE_METHOD(fixture, "an account is slowed wherever the guesses come from") {
    for (int i = 1; i <= 8; ++i) fail(alice, make_address("192.0.2." + std::to_string(i)));
    CHECK(throttle.wait_before(alice, elsewhere) == 4s);
    CHECK(throttle.wait_before("bob@example.test", elsewhere) == 0s);
}

TEST_CASE_METHOD(fixture, "an address is slowed whichever accounts it tries") {
    for (int i = 0; i < 21; ++i) fail("user" + std::to_string(i), here);
    CHECK(throttle.wait_before(alice, here) == 1s);
    CHECK(throttle.wait_before(alice, elsewhere) == 0s);
    for (int i = 0; i < 30; ++i) throttle.failed(here);
    CHECK(throttle.wait_before(alice, here) == 15min);
}

TEST_CASE_METHOD(fixture, "one IPv6 customer is one client, and a mapped IPv4 address is itself") {
    for (int i = 0; i < 21; ++i) fail("user" + std::to_string(i), make_address("2001:db8:0:1::" + std::to_string(i)));
    CHECK(throttle.wait_before(alice, make_address("2001:db8:0:1:ffff::1")) == 1s);
    CHECK(throttle.wait_before(alice, make_address("2001:db8:0:2::1")) == 0s);
    for (int i = 0; i < 21; ++i) fail("user" + std::to_string(i), make_address("::ffff:192.0.2.1"));
    CHECK(throttle.wait_before(alice, here) == 1s);
    CHECK(throttle.wait_before(alice, make_address("::ffff:198.51.100.7")) == 0s);
}

TEST_CASE_METHOD(fixture, "failures are forgiven one by one as time passes") {
    fail(alice, here, 7);
    clock.advance(5min);
    fail(alice, here);  // one was forgiven, so that makes seven again
    CHECK(throttle.wait_before(alice, here) == 2s);
    clock.advance(2h);
    fail(alice, here, 5);
    CHECK(throttle.wait_before(alice, here) == 0s);
}

TEST_CASE_METHOD(fixture, "a user is not locked out of a familiar address by failures from elsewhere") {
    succeed(alice, here);
    fail(alice, elsewhere, 20);
    CHECK(throttle.wait_before(alice, elsewhere) == 60s);
    CHECK(throttle.wait_before(alice, here) == 0s);

    SECTION("nor by failures at other accounts from his own address") {
        for (int i = 0; i < 60; ++i) throttle.failed(here);
        CHECK(throttle.wait_before(alice, here) == 0s);
        CHECK(throttle.wait_before("bob@example.test", here) == 15min);
    }
    SECTION("but guessing at his account from there is slowed all the same") {
        fail(alice, here, 6);
        CHECK(throttle.wait_before(alice, here) == 1s);
    }
}

TEST_CASE_METHOD(fixture, "of the attempts made at once no more pass than may fail") {
    std::vector<login_throttle::attempt> running;
    const auto try_all = [&](const auto& account_of) {
        for (int i = 0; i < 100; ++i) {
            if (auto begun = throttle.begin(account_of(i), here)) running.push_back(*begun);
        }
    };
    SECTION("at one account") {
        try_all([](int) { return alice; });
        CHECK(running.size() == login_throttle::per_account.free + 1);
        CHECK(throttle.wait_before(alice, elsewhere) == 1s);
        CHECK(throttle.wait_before("bob@example.test", here) == 0s);
    }
    SECTION("at many accounts from one address") {
        try_all([](int i) { return "user" + std::to_string(i); });
        CHECK(running.size() == login_throttle::per_address.free + 1);
        CHECK(throttle.wait_before(alice, here) == 1s);
        CHECK(throttle.wait_before(alice, elsewhere) == 0s);
    }
    SECTION("at one account from a familiar address") {
        succeed(alice, here);
        try_all([](int) { return alice; });
        CHECK(running.size() == login_throttle::per_account.free + 1);
        CHECK(throttle.wait_before(alice, elsewhere) == 0s);
    }
    SECTION("where failures have used up what is free, one at a time") {
        fail(alice, here, 8);
        clock.advance(throttle.wait_before(alice, here));
        try_all([](int) { return alice; });
        CHECK(running.size() == 1);
    }
    for (const auto& a : running) throttle.take_back(a);
    CHECK(throttle.wait_before(alice, here) == 0s);
    CHECK(throttle.wait_before(alice, elsewhere) == 0s);
}

TEST_CASE_METHOD(fixture, "who signs in rightly gets no more guesses at other accounts by it") {
    const std::string mallory = "mallory@example.test";
    succeed(mallory, here);
    int guesses = 0;
    const auto end = clock.now() + 1min;
    while (clock.now() < end) {
        succeed(mallory, here);
        if (const auto begun = throttle.begin("user" + std::to_string(guesses), here)) {
            throttle.failed(*begun);
            ++guesses;
        } else {
            clock.advance(1s);
        }
    }
    CHECK(guesses == 20 + 1 + 5);  // the free ones; then after 1, 2, 4, 8 and 16 seconds
}

TEST_CASE_METHOD(fixture, "a success takes nothing back but itself") {
    SECTION("of the guesses at the same account from the same address") {
        succeed(alice, here);
        fail(alice, here, 7);
        clock.advance(throttle.wait_before(alice, here));
        succeed(alice, here);
        fail(alice, here);
        CHECK(throttle.wait_before(alice, here) == 4s);
    }
    SECTION("also where the address becomes familiar: what was free is used up") {
        fail(alice, here, 8);
        succeed(alice, here);
        CHECK(throttle.wait_before(alice, here) == 0s);
        fail(alice, here);
        CHECK(throttle.wait_before(alice, here) == 1s);
    }
    SECTION("of the guesses from elsewhere") {
        fail(alice, elsewhere, 9);
        clock.advance(throttle.wait_before(alice, here));
        succeed(alice, here);
        fail(alice, elsewhere);
        CHECK(throttle.wait_before(alice, elsewhere) == 16s);
    }
    SECTION("and of the guesses from the address") {
        for (int i = 0; i < 24; ++i) throttle.failed(here);
        clock.advance(8s);
        succeed(alice, here);
        throttle.failed(here);
        CHECK(throttle.wait_before("bob@example.test", here) == 16s);
    }
}

TEST_CASE_METHOD(fixture, "a success lengthens no wait and spoils no count") {
    fail(alice, elsewhere, 8);
    clock.advance(4s);
    succeed(alice, here);
    CHECK(throttle.wait_before(alice, elsewhere) == 0s);  // not four seconds from the success on
    SECTION("nor when the count is at its end") {
        fail(alice, elsewhere, 20);
        throttle.take_back(begin(alice, elsewhere));
        fail(alice, elsewhere);
        CHECK(throttle.wait_before(alice, make_address("203.0.113.5")) == 60s);
    }
}

TEST_CASE_METHOD(fixture, "an attempt ends where it began, though the address became familiar meanwhile") {
    std::vector<login_throttle::attempt> running;
    for (int i = 0; i < 6; ++i) running.push_back(throttle.begin(alice, here).value());
    throttle.succeeded(alice, here);
    for (const auto& a : running) throttle.take_back(a);
    CHECK(throttle.wait_before(alice, elsewhere) == 0s);
    fail(alice, elsewhere, 5);
    CHECK(throttle.wait_before(alice, elsewhere) == 0s);
    CHECK(throttle.wait_before(alice, here) == 0s);
}

TEST_CASE_METHOD(fixture, "a clock set back makes no wait longer") {
    fail(alice, here, 8);
    clock.advance(-24h);
    CHECK(throttle.wait_before(alice, here) == 4s);
}

}  // namespace login_throttle_test
