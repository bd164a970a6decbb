#include "net/blocking_pool.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "test/catch.hpp"
#include "test/run.hpp"

namespace blocking_pool_test {

namespace net = postern::net;
using postern::test::run;
using postern::test::run_all;

namespace {

net::awaitable<int> on_pool_then_back(net::blocking_pool& pool) {
    const auto loop_thread = std::this_thread::get_id();
    const auto there = co_await pool.run([] { return std::this_thread::get_id(); });
    CHECK(there != loop_thread);
    CHECK(std::this_thread::get_id() == loop_thread);
    co_return 0;
}

net::awaitable<std::string> failing(net::blocking_pool& pool) {
    try {
        co_await pool.run([] { throw std::runtime_error("broken"); });
    } catch (const std::runtime_error& e) {
        co_return e.what();
    }
    co_return "nothing";
}

net::awaitable<int> owned(net::blocking_pool& pool, std::unique_ptr<int> value) {
    const auto back = co_await pool.run([v = std::move(value)]() mutable { return std::move(v); });
    co_return *back;
}

}  // namespace

TEST_CASE("work runs on a thread of the pool and the coroutine goes on on the loop") {
    boost::asio::io_context loop;
    net::blocking_pool pool(2);
    run(loop, on_pool_then_back(pool));
}

TEST_CASE("what the work throws is thrown to whoever waits") {
    boost::asio::io_context loop;
    net::blocking_pool pool(1);
    CHECK(run(loop, failing(pool)) == "broken");
}

TEST_CASE("work and result may be such as can only be moved") {
    boost::asio::io_context loop;
    net::blocking_pool pool(1);
    CHECK(run(loop, owned(pool, std::make_unique<int>(7))) == 7);
}

TEST_CASE("many jobs on few threads all come back") {
    boost::asio::io_context loop;
    net::blocking_pool pool(2);
    std::vector<net::awaitable<int>> jobs;
    for (int i = 0; i < 500; ++i) jobs.push_back(owned(pool, std::make_unique<int>(i)));
    const auto back = run_all(loop, std::move(jobs));
    for (int i = 0; i < 500; ++i) REQUIRE(back[static_cast<std::size_t>(i)] == i);
    CHECK(pool.waiting() == 0);
}

}  // namespace blocking_pool_test
