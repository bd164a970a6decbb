#include "net/task_group.hpp"

#include <memory>
#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/pending.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace task_group_test {

namespace asio = boost::asio;
namespace net = postern::net;
using namespace std::chrono_literals;
using postern::test::run;

namespace {

net::awaitable<void> wait_for(std::shared_ptr<net::pending<int>> what) { static_cast<void>(co_await what->wait()); }

net::awaitable<void> wait_long(std::shared_ptr<int> ended) {
    const auto loop = co_await asio::this_coro::executor;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::executor> timer(
        loop);
    timer.expires_after(1h);
    try {
        co_await timer.async_wait(net::use_awaitable);
    } catch (...) {
        ++*ended;
        throw;
    }
}

net::awaitable<void> fail() {
    throw std::runtime_error("a bug");
    co_return;
}

}  // namespace

TEST_CASE("a group counts its tasks and waits until the last has ended") {
    asio::io_context loop;
    net::task_group group(loop.get_executor(), {});
    CHECK(run(loop, group.wait(1ms)));  // nothing to wait for
    const auto what = std::make_shared<net::pending<int>>();
    group.spawn(wait_for(what), "one");
    const auto other = std::make_shared<net::pending<int>>();
    group.spawn(wait_for(other), "another");
    CHECK(group.size() == 2);
    CHECK_FALSE(run(loop, group.wait(1ms)));
    what->complete(1);
    loop.restart();
    loop.poll();
    CHECK(group.size() == 1);
    other->complete(1);
    CHECK(run(loop, group.wait(10s)));
}

TEST_CASE("a task that ends of itself while it is being cancelled ends once") {
    asio::io_context loop;
    net::task_group group(loop.get_executor(), {});
    const auto what = std::make_shared<net::pending<int>>();
    group.spawn(wait_for(what), "ending");
    loop.poll();
    what->complete(1);  // it will have ended
    group.cancel();     // when this is carried out
    loop.restart();
    loop.run();
    CHECK(group.size() == 0);
}

TEST_CASE("cancelling ends every task at its wait") {
    asio::io_context loop;
    net::task_group group(loop.get_executor(), {});
    const auto ended = std::make_shared<int>(0);
    for (int i = 0; i < 3; ++i) group.spawn(wait_long(ended), "long");
    loop.poll();
    group.cancel();
    CHECK(run(loop, group.wait(10s)));
    CHECK(*ended == 3);
}

TEST_CASE("what escapes from a task ends that task only") {
    asio::io_context loop;
    net::task_group group(loop.get_executor(), {});
    const auto what = std::make_shared<net::pending<int>>();
    group.spawn(fail(), "failing");
    group.spawn(wait_for(what), "other");
    loop.poll();
    CHECK(group.size() == 1);
    what->complete(1);
    CHECK(run(loop, group.wait(10s)));
}

}  // namespace task_group_test
