#include "net/deadline.hpp"

#include <memory>

#include <boost/asio/io_context.hpp>

#include "test/catch.hpp"

namespace deadline_test {

using postern::net::deadline;
using namespace std::chrono_literals;

TEST_CASE("a deadline that passes is told once, and the waiter can see it") {
    boost::asio::io_context loop;
    int told = 0;
    deadline limit(loop.get_executor(), [&] { ++told; });
    limit.arm(1ms);
    loop.run();
    CHECK(told == 1);
    CHECK(limit.expired());
    limit.arm(1h);
    CHECK_FALSE(limit.expired());
    limit.disarm();
}

TEST_CASE("a deadline that was disarmed is not told") {
    boost::asio::io_context loop;
    int told = 0;
    deadline limit(loop.get_executor(), [&] { ++told; });
    limit.arm(1ms);
    limit.disarm();
    loop.run();
    CHECK(told == 0);
    CHECK_FALSE(limit.expired());
}

TEST_CASE("a limit of zero or less expires at the next turn") {
    boost::asio::io_context loop;
    int told = 0;
    deadline limit(loop.get_executor(), [&] { ++told; });
    const auto left = GENERATE(0ms, -5ms);
    limit.arm(left);
    CHECK(told == 0);
    loop.run();
    CHECK(told == 1);
}

TEST_CASE("arming again and again does not set the timer again and again") {
    boost::asio::io_context loop;
    deadline limit(loop.get_executor(), [] {});
    for (int i = 0; i < 10'000; ++i) {  // a session's life: long waits for commands, shorter ones for data
        limit.arm(300s);
        limit.disarm();
        limit.arm(180s);
        limit.disarm();
    }
    CHECK(limit.timer_settings() == 2);  // once for each: from then on the timer stands before either
}

TEST_CASE("a shorter limit than the one the timer was set for is kept") {
    boost::asio::io_context loop;
    int told = 0;
    deadline limit(loop.get_executor(), [&] { ++told; });
    limit.arm(1h);
    limit.arm(1ms);
    loop.run();
    CHECK(told == 1);
}

TEST_CASE("a longer limit than the one the timer was set for is kept") {
    boost::asio::io_context loop;
    bool told = false;
    deadline limit(loop.get_executor(), [&] { told = true; });
    limit.arm(1ms);
    limit.arm(1h);
    loop.run_one();  // the timer fires for the first limit and runs on
    CHECK_FALSE(told);
    CHECK(limit.timer_settings() == 2);
}

TEST_CASE("a deadline that is destroyed tells nobody, also when its timer has fired already") {
    boost::asio::io_context loop;
    int told = 0;
    auto limit = std::make_unique<deadline>(loop.get_executor(), [&] { ++told; });
    limit->arm(0ms);
    limit.reset();
    loop.run();
    CHECK(told == 0);
}

}  // namespace deadline_test
