#include "net/stream.hpp"

#include <array>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "connected_pair.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace stream_test {

namespace asio = boost::asio;
namespace net = postern::net;
using namespace std::chrono_literals;
using postern::core::result;
using postern::test::connected_pair;
using postern::test::run;
using postern::test::run_all;

namespace {

void send(connected_pair& pair, std::string_view octets) { asio::write(pair.far, asio::buffer(octets)); }

std::string read_to_end(net::tcp_socket& from) {
    std::string all;
    std::array<char, 4096> piece{};
    boost::system::error_code ec;
    for (;;) {
        const auto n = from.read_some(asio::buffer(piece), ec);
        if (ec) return all;
        all.append(piece.data(), n);
    }
}

/// Reads until the peer has closed; what came, in all.
net::awaitable<std::string> drain(net::stream& from) {
    std::string all;
    for (;;) {
        all += from.buffered();
        from.consume(from.buffered().size());
        if (!co_await from.fill(10s)) co_return all;
    }
}

net::awaitable<result<void>> interrupt(net::stream& what) {
    what.interrupt();
    co_return result<void>{};
}

net::awaitable<result<void>> wake(net::stream& what) {
    what.wake();
    co_return result<void>{};
}

}  // namespace

TEST_CASE("what is not consumed stays in front of what comes next") {
    asio::io_context loop;
    connected_pair pair(loop);
    send(pair, "MAIL FR");
    REQUIRE(run(loop, pair.near.fill(10s)));
    CHECK(pair.near.buffered() == "MAIL FR");
    pair.near.consume(5);
    send(pair, "OM:<>");
    while (pair.near.buffered().size() < 7) REQUIRE(run(loop, pair.near.fill(10s)));
    CHECK(pair.near.buffered() == "FROM:<>");
}

TEST_CASE("the buffer grows while it is filled, up to 64 KiB, and no octet is lost on the way") {
    asio::io_context loop;
    connected_pair pair(loop);
    pair.far.set_option(asio::socket_base::send_buffer_size(1 << 20));
    std::string sent;
    for (int i = 0; sent.size() < 100'000; ++i) sent += std::to_string(i) + ' ';
    send(pair, sent);
    std::string seen;
    std::size_t most = 0;
    while (seen.size() < sent.size()) {
        REQUIRE(run(loop, pair.near.fill(10s)));
        most = std::max(most, pair.near.buffered().size());
        const auto taken = pair.near.buffered().size() - pair.near.buffered().size() / 3;  // leave some: it must be moved
        seen += pair.near.buffered().substr(0, taken);
        pair.near.consume(taken);
        if (seen.size() + pair.near.buffered().size() == sent.size()) break;
    }
    CHECK(seen + std::string(pair.near.buffered()) == sent);
    CHECK(most > 16 * 1024);
    CHECK(most <= 64 * 1024);
}

TEST_CASE("a buffer that has been grown is given back when it is empty, and reading goes on") {
    asio::io_context loop;
    connected_pair pair(loop);
    send(pair, std::string(5000, 'x'));
    std::size_t seen = 0;
    while (seen < 5000) {
        REQUIRE(run(loop, pair.near.fill(10s)));
        seen += pair.near.buffered().size();
        pair.near.consume(pair.near.buffered().size());
    }
    pair.near.shrink();
    CHECK(pair.near.buffered().empty());
    send(pair, "NOOP");
    REQUIRE(run(loop, pair.near.fill(10s)));
    CHECK(pair.near.buffered() == "NOOP");
    pair.near.shrink();  // not while something is in it
    CHECK(pair.near.buffered() == "NOOP");
}

TEST_CASE("input beyond what fits is an error, not memory") {
    asio::io_context loop;
    connected_pair pair(loop);
    pair.far.set_option(asio::socket_base::send_buffer_size(1 << 20));
    send(pair, std::string(100'000, 'x'));
    result<void> last;
    while (last) last = run(loop, pair.near.fill(10s));
    CHECK(pair.near.buffered().size() == 64 * 1024);
    CHECK(last.error().code == net::errc::closed);
}

TEST_CASE("a wait ends with what ended it") {
    asio::io_context loop;
    connected_pair pair(loop);
    SECTION("silence") { CHECK(run(loop, pair.near.fill(1ms)).error().code == net::errc::timed_out); }
    SECTION("the peer closes") {
        pair.far.close();
        CHECK(run(loop, pair.near.fill(10s)).error().code == net::errc::closed);
    }
    SECTION("the peer resets") {
        pair.far.set_option(asio::socket_base::linger(true, 0));
        pair.far.close();
        CHECK(run(loop, pair.near.fill(10s)).error().code == net::errc::closed);
    }
    SECTION("we are interrupted, and from then on at once; writing goes on") {
        std::vector<net::awaitable<result<void>>> both;
        both.push_back(pair.near.fill(10s));
        both.push_back(interrupt(pair.near));
        CHECK(run_all(loop, std::move(both)).front().error().code == net::errc::interrupted);
        CHECK(run(loop, pair.near.fill(10s)).error().code == net::errc::interrupted);
        CHECK(run(loop, pair.near.write("421\r\n", 10s)));
    }
    SECTION("we wake it: once, and nothing that comes is lost") {
        std::vector<net::awaitable<result<void>>> both;
        both.push_back(pair.near.fill(10s));
        both.push_back(wake(pair.near));
        CHECK(run_all(loop, std::move(both)).front().error().code == net::errc::woken);
        send(pair, "x");
        REQUIRE(run(loop, pair.near.fill(10s)));
        CHECK(pair.near.buffered() == "x");
    }
    SECTION("we wake it before it waits") {
        pair.near.wake();
        CHECK(run(loop, pair.near.fill(10s)).error().code == net::errc::woken);
        CHECK(run(loop, pair.near.fill(1ms)).error().code == net::errc::timed_out);
    }
    SECTION("silence after a time with input") {
        send(pair, "x");
        REQUIRE(run(loop, pair.near.fill(10s)));
        CHECK(run(loop, pair.near.fill(1ms)).error().code == net::errc::timed_out);
    }
}

TEST_CASE("more than the peer takes at once is written whole, while the peer reads") {
    asio::io_context loop;
    connected_pair left(loop);
    net::stream far(std::move(left.far));
    const std::string large(8 << 20, 'y');
    struct both {
        static net::awaitable<std::string> write(net::stream& to, const std::string& octets) {
            const auto sent = co_await to.write(octets, 10s);
            to.close();
            co_return sent ? "sent" : sent.error().message();
        }
    };
    std::vector<net::awaitable<std::string>> tasks;
    tasks.push_back(both::write(left.near, large));
    tasks.push_back(drain(far));
    const auto ended = run_all(loop, std::move(tasks));
    CHECK(ended[0] == "sent");
    CHECK(ended[1] == large);
}

TEST_CASE("a peer that takes nothing is given up after the limit") {
    asio::io_context loop;
    connected_pair pair(loop);
    const std::string large(32 << 20, 'y');
    CHECK(run(loop, pair.near.write(large, 20ms)).error().code == net::errc::timed_out);
}

TEST_CASE("the last words reach a peer whose input was not read") {
    asio::io_context loop;
    connected_pair pair(loop);
    send(pair, std::string(10'000, 'z'));
    REQUIRE(run(loop, pair.near.fill(10s)));
    REQUIRE(run(loop, pair.near.write("554 no\r\n", 10s)));
    struct ends {
        static net::awaitable<int> finish(net::stream& near) {
            co_await near.finish(10s);
            co_return 0;
        }
        static net::awaitable<int> leave(net::tcp_socket& far, std::string& heard) {
            heard = read_to_end(far);  // there already, and the end with it: finish() has shut our side down
            far.close();
            co_return 0;
        }
    };
    std::string heard;
    std::vector<net::awaitable<int>> tasks;
    tasks.push_back(ends::finish(pair.near));
    tasks.push_back(ends::leave(pair.far, heard));
    run_all(loop, std::move(tasks));
    CHECK(heard == "554 no\r\n");
}

TEST_CASE("a refusal is sent without waiting") {
    asio::io_context loop;
    connected_pair pair(loop);
    pair.near.reject("421 busy\r\n");
    CHECK(read_to_end(pair.far) == "421 busy\r\n");
}

TEST_CASE("input is seen before it is read") {
    asio::io_context loop;
    connected_pair pair(loop);
    CHECK_FALSE(pair.near.input_waiting());
    send(pair, "ab");
    REQUIRE(run(loop, pair.near.fill(10s)));
    CHECK(pair.near.input_waiting());  // in the buffer
    pair.near.consume(2);
    CHECK_FALSE(pair.near.input_waiting());
    send(pair, "c");
    pair.far.shutdown(net::tcp_socket::shutdown_send);
    while (!pair.near.input_waiting()) loop.poll();  // in the kernel, as soon as loopback has carried it over
    CHECK(pair.near.buffered().empty());
}

}  // namespace stream_test
