#include "net/listener.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/task_group.hpp"

namespace postern::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using acceptor = asio::basic_socket_acceptor<tcp, executor>;
using steady = std::chrono::steady_clock;

namespace {

constexpr auto pause_without_descriptors = std::chrono::milliseconds(100);
constexpr int backlog = 4096;  // the kernel cuts it to net.core.somaxconn

core::error cannot_listen(const tcp_endpoint& at, const boost::system::error_code& ec) {
    return {make_error_code(errc::cannot_listen), "cannot listen on " + to_string(at) + ": " + ec.message()};
}

/// A listening socket, and whether another process has it as well.
struct place {
    acceptor from;
    bool shared = false;
};

core::result<place> adopt(executor loop, const tcp_endpoint& at, int descriptor) {
    place p{acceptor(loop), true};
    boost::system::error_code ec;
    p.from.assign(at.protocol(), descriptor, ec);
    if (!ec) return p;
    ::close(descriptor);
    return std::unexpected(cannot_listen(at, ec));
}

core::result<place> bind(executor loop, const tcp_endpoint& at, listener::options o) {
    acceptor a(loop);
    boost::system::error_code ec;
    a.open(at.protocol(), ec);
    if (!ec) a.set_option(asio::socket_base::reuse_address(true), ec);
    // Each family listens for itself: 0.0.0.0 and :: on one port are no conflict, and no IPv4 client looks like an IPv6 one.
    if (!ec && at.address().is_v6()) a.set_option(asio::ip::v6_only(true), ec);
    using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    if (!ec && o.reuse_port) a.set_option(reuse_port(true), ec);
    if (!ec) a.bind(at, ec);
    if (!ec) a.listen(backlog, ec);
    if (ec) return std::unexpected(cannot_listen(at, ec));
    return place{std::move(a)};
}

core::result<place> open_one(executor loop, const tcp_endpoint& at, listener::options o) {
    const auto there = o.inherited != nullptr ? o.inherited->take(at) : std::nullopt;
    return there ? adopt(loop, at, *there) : bind(loop, at, o);
}

bool out_of_resources(const boost::system::error_code& ec) {
    return ec == boost::system::errc::too_many_files_open || ec == boost::system::errc::too_many_files_open_in_system ||
           ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory;
}

}  // namespace

struct listener::state {
    state(executor l, core::logger lg) : loop(l), log(lg), tasks(l, std::move(lg)) {}

    executor loop;
    core::logger log;
    std::vector<place> places;
    on_connection handler;
    task_group tasks;

    static awaitable<void> accept(std::shared_ptr<state> self, std::size_t index);
    void hand_over(tcp_socket socket);
    void empty(acceptor& from);
    void close(place& p);
};

core::result<tcp_endpoint> make_endpoint(std::string_view address, std::uint16_t port) {
    boost::system::error_code ec;
    const auto parsed = asio::ip::make_address(address, ec);
    if (ec) return core::fail(errc::bad_endpoint, "not an IPv4 or IPv6 address: " + std::string(address));
    return tcp_endpoint(parsed, port);
}

std::string to_string(const tcp_endpoint& e) {
    const auto port = ':' + std::to_string(e.port());
    return e.address().is_v6() ? '[' + e.address().to_string() + ']' + port : e.address().to_string() + port;
}

listener::listener(executor loop, core::logger log) : state_(std::make_shared<state>(loop, std::move(log))) {}

listener::~listener() {
    state_->handler = nullptr;  // its server is gone
    stop();
}

core::result<void> listener::open(const std::vector<tcp_endpoint>& endpoints, options o) {
    std::vector<place> opened;
    for (const auto& at : endpoints) {
        auto one = open_one(state_->loop, at, o);
        if (!one) return std::unexpected(one.error());
        opened.push_back(std::move(*one));
    }
    state_->places = std::move(opened);
    return {};
}

std::vector<tcp_endpoint> listener::endpoints() const {
    std::vector<tcp_endpoint> at;
    for (const auto& p : state_->places) at.push_back(p.from.local_endpoint());
    return at;
}

void listener::start(on_connection handler) {
    state_->handler = std::move(handler);
    for (std::size_t i = 0; i < state_->places.size(); ++i) state_->tasks.spawn(state::accept(state_, i), "accept");
}

void listener::stop() {
    for (auto& p : state_->places) state_->close(p);
    state_->tasks.cancel();
}

void listener::leave_shared() {
    for (auto& p : state_->places)
        if (p.shared) state_->close(p);
}

std::vector<int> listener::lend() const {
    std::vector<int> all;
    for (auto& p : state_->places) all.push_back(p.from.native_handle());
    return all;
}

void listener::share() {
    for (auto& p : state_->places) p.shared = true;
}

void listener::state::close(place& p) {
    if (!p.from.is_open()) return;
    boost::system::error_code ignored;
    if (p.shared) {
        // A mere close would leave the socket in this process's epoll set as long as another process has it open.
        if (const auto descriptor = p.from.release(ignored); !ignored) ::close(descriptor);
        return;
    }
    if (handler) empty(p.from);
    p.from.close(ignored);
}

/// Takes whoever is waiting in the kernel, and nobody who comes meanwhile for ever.
void listener::state::empty(acceptor& from) {
    boost::system::error_code ec;
    from.non_blocking(true, ec);
    for (int left = backlog; !ec && left > 0; --left) {
        tcp_socket socket(loop);
        from.accept(socket, ec);
        if (!ec) hand_over(std::move(socket));
    }
}

awaitable<void> listener::state::accept(std::shared_ptr<state> self, std::size_t index) {
    auto& from = self->places[index].from;
    asio::basic_waitable_timer<steady, asio::wait_traits<steady>, executor> pause(self->loop);
    while (from.is_open()) {
        auto [ec, socket] = co_await from.async_accept(asio::as_tuple(use_awaitable));
        if (!ec) {
            self->hand_over(std::move(socket));
        } else if (out_of_resources(ec)) {
            // The connection stays in the kernel's queue and the acceptor readable: without a pause this loop would spin.
            self->log.warning("accepting paused", {{"reason", ec.message()}});
            pause.expires_after(pause_without_descriptors);
            co_await pause.async_wait(use_awaitable);
        }  // anything else concerns one connection that died in the queue
    }
}

void listener::state::hand_over(tcp_socket socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    try {
        handler(std::move(socket));
    } catch (const std::exception& e) {
        log.error("connection not taken", {{"reason", e.what()}});  // the others must still be accepted
    }
}

}  // namespace postern::net
