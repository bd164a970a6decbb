#include "account/login_throttle.hpp"

#include "test/catch.hpp"

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

    void fail(const std::string& account, const boost::asio::ip::address& client, int times = 1) {
        for (int i = 0; i < times; ++i) {
            throttle.begin(account, client);
            throttle.failed(client);
        }
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
    for (int i = 0; i < 30; ++i) fail("user" + std::to_string(i), here);
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
    throttle.begin(alice, here);
    throttle.take_back(alice, here);
    throttle.succeeded(alice, here);
    fail(alice, elsewhere, 20);
    CHECK(throttle.wait_before(alice, elsewhere) == 60s);
    CHECK(throttle.wait_before(alice, here) == 0s);

    SECTION("nor by failures at other accounts from his own address") {
        for (int i = 0; i < 60; ++i) fail("user" + std::to_string(i), here);
        CHECK(throttle.wait_before(alice, here) == 0s);
        CHECK(throttle.wait_before("bob@example.test", here) == 15min);
    }
    SECTION("but guessing at his account from there is slowed all the same") {
        fail(alice, here, 6);
        CHECK(throttle.wait_before(alice, here) == 1s);
    }
}

TEST_CASE_METHOD(fixture, "an attempt counts while it runs, and no more once it was right") {
    for (int i = 0; i < 6; ++i) throttle.begin(alice, here);
    CHECK(throttle.wait_before(alice, here) == 1s);
    for (int i = 0; i < 6; ++i) throttle.take_back(alice, here);
    CHECK(throttle.wait_before(alice, here) == 0s);
}

TEST_CASE_METHOD(fixture, "a clock set back makes no wait longer") {
    fail(alice, here, 8);
    clock.advance(-24h);
    CHECK(throttle.wait_before(alice, here) == 4s);
}
