#include "app/handover.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/deadline.hpp"
#include "net/errc.hpp"

namespace postern::app {

namespace asio = boost::asio;
using local = asio::local::stream_protocol;
using unix_socket = asio::basic_stream_socket<local, net::executor>;
using unix_acceptor = asio::basic_socket_acceptor<local, net::executor>;

namespace {

constexpr std::string_view sockets_wanted = "sockets\n";
constexpr std::string_view now_serving = "serving\n";
constexpr std::string_view sockets_released = "yours\n";
constexpr auto answer_time = std::chrono::seconds(10);
constexpr auto start_time = std::chrono::minutes(2);  // between the sockets and "serving" a server binds and looks at its files
constexpr auto pause_after_failure = std::chrono::seconds(1);
constexpr std::size_t most_sockets_sent = 250;  // the kernel takes 253 in one message

/// Descriptors beside an octet, as sendmsg and recvmsg want them.
struct envelope {
    envelope() {
        piece.iov_base = &octet;
        piece.iov_len = 1;
        header.msg_iov = &piece;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
    }

    char octet = 's';
    iovec piece{};
    msghdr header{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_sockets_sent * sizeof(int))> control{};
};

bool send_sockets(int over, std::span<const int> sockets) {
    envelope e;
    const auto size = std::min(sockets.size(), most_sockets_sent) * sizeof(int);
    e.header.msg_controllen = CMSG_SPACE(size);
    auto* part = CMSG_FIRSTHDR(&e.header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(part), sockets.data(), size);
    return ::sendmsg(over, &e.header, MSG_NOSIGNAL) == 1;
}

core::result<void> receive_sockets(int over, net::inherited_sockets& into) {
    envelope e;
    if (::recvmsg(over, &e.header, MSG_CMSG_CLOEXEC) != 1) return core::fail(net::errc::closed);
    core::result<void> all;
    for (auto* part = CMSG_FIRSTHDR(&e.header); part != nullptr; part = CMSG_NXTHDR(&e.header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        for (std::size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(part) + at, sizeof descriptor);
            if (auto added = into.add(descriptor); !added) all = added;
        }
    }
    return all;
}

/// Data folders are their owner's, but who may become anybody may look there.
bool is_us_or_root(int over) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(over, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

/// Waits under a deadline, as everything does.
class talk {
public:
    explicit talk(unix_socket s) : socket(std::move(s)) {}

    net::awaitable<bool> hear(std::string_view line, net::deadline::duration limit) {
        std::string heard(line.size(), '\0');
        patience_.arm(limit);
        const auto [ec, n] = co_await asio::async_read(socket, asio::buffer(heard), asio::as_tuple(net::use_awaitable));
        patience_.disarm();
        co_return !ec && heard == line;
    }

    net::awaitable<bool> readable(net::deadline::duration limit) {
        patience_.arm(limit);
        const auto [ec] = co_await socket.async_wait(unix_socket::wait_read, asio::as_tuple(net::use_awaitable));
        patience_.disarm();
        co_return !ec;
    }

    bool say(std::string_view line) {
        return ::send(socket.native_handle(), line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size());
    }

    unix_socket socket;

private:
    net::deadline patience_{socket.get_executor(), [this] {
                                boost::system::error_code ignored;
                                socket.cancel(ignored);
                            }};
};

/// The UNIX socket with its name in the file system.
struct entrance {
    entrance(net::executor loop, std::filesystem::path p) : path(std::move(p)), acceptor(loop) {}
    ~entrance() { close(); }
    entrance(const entrance&) = delete;
    entrance& operator=(const entrance&) = delete;

    boost::system::error_code open() {
        boost::system::error_code ec;
        const local::endpoint at(path.string());
        unix_socket other(acceptor.get_executor());
        if (other.connect(at, ec); !ec) return make_error_code(boost::system::errc::address_in_use);
        ::unlink(path.c_str());  // of a server that was killed
        acceptor.open(at.protocol(), ec);
        if (!ec) acceptor.bind(at, ec);
        named = !ec;
        if (!ec && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) ec = {errno, boost::system::system_category()};
        if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
        return ec;
    }

    void close() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        if (std::exchange(named, false)) ::unlink(path.c_str());
    }

    std::filesystem::path path;
    unix_acceptor acceptor;
    bool named = false;
};

bool fits(const std::filesystem::path& at) { return at.native().size() < sizeof(sockaddr_un::sun_path); }

}  // namespace

std::filesystem::path handover_socket(const std::filesystem::path& data_dir) { return data_dir / "handover.sock"; }

net::awaitable<bool> wait_for_successor(std::filesystem::path at, std::function<std::vector<int>()> lend, core::logger log) {
    entrance door(co_await asio::this_coro::executor, at);
    const auto failed = fits(at) ? door.open() : make_error_code(boost::system::errc::filename_too_long);
    if (failed) {
        log.info("cannot be taken over", {{"socket", at.string()}, {"reason", failed.message()}});
        co_return false;
    }
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::executor> pause(
        co_await asio::this_coro::executor);
    for (;;) {
        auto [ec, socket] = co_await door.acceptor.async_accept(asio::as_tuple(net::use_awaitable));
        if (ec == asio::error::operation_aborted) co_return false;
        if (ec) {  // no descriptors, most likely: who asks still waits, and a loop without a pause would spin
            pause.expires_after(pause_after_failure);
            co_await pause.async_wait(asio::as_tuple(net::use_awaitable));
            continue;
        }
        if (!is_us_or_root(socket.native_handle())) continue;
        talk with(std::move(socket));
        if (!co_await with.hear(sockets_wanted, answer_time)) continue;
        if (!send_sockets(with.socket.native_handle(), lend())) continue;
        log.info("sockets handed over");
        if (!co_await with.hear(now_serving, start_time)) {
            log.warning("not taken over", {{"reason", "the other server did not come to serve"}});
            continue;
        }
        door.close();
        with.say(sockets_released);
        co_return true;
    }
}

struct predecessor::connection {
    explicit connection(unix_socket s) : to(std::move(s)) {}
    talk to;
};

predecessor::predecessor(std::unique_ptr<connection> c) : connection_(std::move(c)) {}

predecessor::~predecessor() = default;

net::awaitable<core::result<std::shared_ptr<predecessor>>> predecessor::find(std::filesystem::path at,
                                                                             std::shared_ptr<net::inherited_sockets> into) {
    unix_socket socket(co_await asio::this_coro::executor);
    boost::system::error_code ec;
    if (fits(at)) socket.connect(local::endpoint(at.string()), ec);
    if (ec || !fits(at)) {
        co_return core::fail(net::errc::cannot_listen,
                             fmt::format("no server to take over from answers at {}: {}; start without --take-over",
                                         at.string(), fits(at) ? ec.message() : "the name is too long"));
    }
    auto other = std::make_unique<connection>(std::move(socket));
    auto& to = other->to;
    if (!to.say(sockets_wanted) || !co_await to.readable(answer_time))
        co_return core::fail(net::errc::cannot_listen, "the running server does not hand over its sockets");
    if (auto got = receive_sockets(to.socket.native_handle(), *into); !got) co_return std::unexpected(got.error());
    co_return std::shared_ptr<predecessor>(new predecessor(std::move(other)));
}

net::awaitable<core::result<void>> predecessor::release() {
    auto& to = connection_->to;
    if (!to.say(now_serving) || !co_await to.hear(sockets_released, answer_time))
        co_return core::fail(net::errc::closed, "the server before did not answer; it may still run");
    co_return core::result<void>{};
}

}  // namespace postern::app
