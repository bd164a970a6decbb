#include "net/listener.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "net/task_group.hpp"
#include "test/catch.hpp"

namespace listener_test {

namespace asio = boost::asio;
namespace net = postern::net;

namespace {

net::tcp_endpoint at(std::string_view address, std::uint16_t port = 0) { return net::make_endpoint(address, port).value(); }

/// Accepts until `wanted` connections have come.
std::vector<net::tcp_socket> accept(asio::io_context& loop, net::listener& from, std::size_t wanted) {
    std::vector<net::tcp_socket> came;
    from.start([&](net::tcp_socket s) { came.push_back(std::move(s)); });
    while (came.size() < wanted) loop.run_one();
    return came;
}

/// Takes every file descriptor for as long as it lives.
class descriptors_used_up {
public:
    descriptors_used_up() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto few = before_;
        few.rlim_cur = 64;
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (int fd = ::open("/dev/null", O_RDONLY); fd >= 0; fd = ::open("/dev/null", O_RDONLY)) held_.push_back(fd);
    }
    ~descriptors_used_up() {
        for (const int fd : held_) ::close(fd);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    descriptors_used_up(const descriptors_used_up&) = delete;
    descriptors_used_up& operator=(const descriptors_used_up&) = delete;

private:
    rlimit before_{};
    std::vector<int> held_;
};

net::awaitable<int> wait_a_moment() {
    const auto loop = co_await asio::this_coro::executor;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::executor> timer(
        loop);
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(net::use_awaitable);
    co_return 0;
}

net::awaitable<void> wait_in_a_group() { static_cast<void>(co_await wait_a_moment()); }

}  // namespace

TEST_CASE("an endpoint is a literal and a port, and reads the same way back") {
    CHECK(net::to_string(at("127.0.0.1", 25)) == "127.0.0.1:25");
    CHECK(net::to_string(at("::1", 2525)) == "[::1]:2525");
    const auto wrong = net::make_endpoint("localhost", 25);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == net::errc::bad_endpoint);
    CHECK(wrong.error().message() == "not an IPv4 or IPv6 address: localhost");
}

TEST_CASE("one listener takes IPv4 and IPv6 on one port, each for itself") {
    asio::io_context loop;
    net::listener listener(loop.get_executor(), {});
    REQUIRE(listener.open({at("0.0.0.0")}, {}));
    const auto port = listener.endpoints().front().port();
    net::listener both(loop.get_executor(), {});
    listener.stop();
    REQUIRE(both.open({at("0.0.0.0", port), at("::", port)}, {}));
    net::tcp_socket v4(loop.get_executor());
    net::tcp_socket v6(loop.get_executor());
    v4.connect(at("127.0.0.1", port));
    v6.connect(at("::1", port));
    const auto came = accept(loop, both, 2);
    CHECK(came[0].remote_endpoint().address().is_v4() != came[1].remote_endpoint().address().is_v4());
    for (const auto& s : came) {
        asio::ip::tcp::no_delay off;
        s.get_option(off);
        CHECK(off.value());  // a reply must not wait for the acknowledgement of the one before
    }
}

TEST_CASE("an endpoint that is taken is named, and nothing is left bound") {
    asio::io_context loop;
    net::listener first(loop.get_executor(), {});
    REQUIRE(first.open({at("127.0.0.1")}, {}));
    const auto taken = first.endpoints().front();
    net::listener second(loop.get_executor(), {});
    const auto opened = second.open({at("127.0.0.2"), taken}, {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == net::errc::cannot_listen);
    CHECK(opened.error().message() == "cannot listen on " + net::to_string(taken) + ": Address already in use");
    CHECK(second.endpoints().empty());
}

TEST_CASE("two processes may share an endpoint when both ask for it") {
    asio::io_context loop;
    net::listener first(loop.get_executor(), {});
    REQUIRE(first.open({at("127.0.0.1")}, {.reuse_port = true}));
    net::listener second(loop.get_executor(), {});
    CHECK(second.open(first.endpoints(), {.reuse_port = true}));
}

TEST_CASE("without file descriptors accepting pauses, and goes on when there are some again") {
    asio::io_context loop;
    net::listener listener(loop.get_executor(), {});
    REQUIRE(listener.open({at("127.0.0.1")}, {}));
    net::tcp_socket first(loop.get_executor());
    net::tcp_socket second(loop.get_executor());
    first.connect(listener.endpoints().front());
    std::vector<net::tcp_socket> came;
    listener.start([&](net::tcp_socket s) { came.push_back(std::move(s)); });
    // What the listener will do has to be done once before: the sanitizer opens a pipe to look at a type it sees first.
    net::task_group group(loop.get_executor(), {});
    group.spawn(wait_in_a_group(), "moment");
    while (came.empty() || group.size() > 0) loop.run_one();
    second.open(asio::ip::tcp::v4());
    {
        const descriptors_used_up none;
        second.connect(listener.endpoints().front());
        std::size_t turns = 0;
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(350);
        while (loop.run_one_until(until) > 0) ++turns;
        CHECK(came.size() == 1);
        CHECK(turns < 50);  // a spinning loop would have made thousands
    }
    while (came.size() < 2) loop.run_one();
}

TEST_CASE("a connection that nobody takes does not end accepting") {
    asio::io_context loop;
    net::listener listener(loop.get_executor(), {});
    REQUIRE(listener.open({at("127.0.0.1")}, {}));
    int seen = 0;
    listener.start([&](const net::tcp_socket&) {
        ++seen;
        throw std::runtime_error("no");
    });
    net::tcp_socket one(loop.get_executor());
    net::tcp_socket two(loop.get_executor());
    one.connect(listener.endpoints().front());
    two.connect(listener.endpoints().front());
    while (seen < 2) loop.run_one();
}

TEST_CASE("a stopped listener accepts no more and leaves nothing running") {
    asio::io_context loop;
    net::listener listener(loop.get_executor(), {});
    REQUIRE(listener.open({at("127.0.0.1"), at("::1")}, {}));
    const auto where = listener.endpoints().front();
    listener.start([](const net::tcp_socket&) { FAIL("accepted"); });
    loop.poll();
    listener.stop();
    loop.run();  // returns: nothing waits any more
    net::tcp_socket late(loop.get_executor());
    boost::system::error_code ec;
    late.connect(where, ec);
    CHECK(ec == asio::error::connection_refused);
}

TEST_CASE("a stop leaves nobody waiting in the kernel, where closing would reset him") {
    asio::io_context loop;
    net::listener listener(loop.get_executor(), {});
    REQUIRE(listener.open({at("127.0.0.1")}, {}));
    std::vector<net::tcp_socket> clients;
    for (int i = 0; i < 20; ++i) clients.emplace_back(loop.get_executor()).connect(listener.endpoints().front());
    int taken = 0;
    listener.start([&](const net::tcp_socket&) { ++taken; });
    listener.stop();  // before the loop has turned once
    CHECK(taken == 20);
    loop.run();
    CHECK(taken == 20);
}

TEST_CASE("sockets that are lent are taken over with everybody who waits there") {
    asio::io_context loop;
    net::listener before(loop.get_executor(), {});
    REQUIRE(before.open({at("127.0.0.1"), at("::1")}, {}));
    const auto endpoints = before.endpoints();
    int seen_before = 0;
    before.start([&](const net::tcp_socket&) { ++seen_before; });
    net::inherited_sockets sockets;
    for (const int each : before.lend()) REQUIRE(sockets.add(::dup(each)));  // as another process would get them

    net::listener after(loop.get_executor(), {});
    REQUIRE(after.open({endpoints[0]}, {.inherited = &sockets}));
    CHECK(after.endpoints() == std::vector{endpoints[0]});
    CHECK(sockets.left() == std::vector{endpoints[1]});  // no listener wanted it
    net::tcp_socket waiting(loop.get_executor());
    waiting.connect(endpoints[0]);
    before.share();
    before.stop();
    CHECK(seen_before == 0);  // left to the other
    net::tcp_socket late(loop.get_executor());
    late.connect(endpoints[0]);
    CHECK(accept(loop, after, 2).size() == 2);
    after.stop();
    loop.run();  // nothing of the first listener is left in the loop
}

TEST_CASE("only listening TCP sockets can be inherited") {
    net::inherited_sockets sockets;
    CHECK_FALSE(sockets.add(::open("/dev/null", O_RDONLY)));
    CHECK_FALSE(sockets.add(::socket(AF_INET, SOCK_STREAM, 0)));  // it does not listen
    CHECK_FALSE(sockets.add(::socket(AF_INET, SOCK_DGRAM, 0)));
    CHECK(sockets.left().empty());
}

}  // namespace listener_test
