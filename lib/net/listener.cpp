#include "net/listener.hpp"

#include <chrono>
#include <exception>
#include <utility>

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

core::result<acceptor> bind(executor loop, const tcp_endpoint& at, listener::options o) {
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
    return a;
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
    std::vector<acceptor> acceptors;
    on_connection handler;
    task_group tasks;

    static awaitable<void> accept(std::shared_ptr<state> self, std::size_t index);
    void hand_over(tcp_socket socket);
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

listener::~listener() { stop(); }

core::result<void> listener::open(const std::vector<tcp_endpoint>& endpoints, options o) {
    std::vector<acceptor> opened;
    for (const auto& at : endpoints) {
        auto a = bind(state_->loop, at, o);
        if (!a) return std::unexpected(a.error());
        opened.push_back(std::move(*a));
    }
    state_->acceptors = std::move(opened);
    return {};
}

std::vector<tcp_endpoint> listener::endpoints() const {
    std::vector<tcp_endpoint> at;
    for (const auto& a : state_->acceptors) at.push_back(a.local_endpoint());
    return at;
}

void listener::start(on_connection handler) {
    state_->handler = std::move(handler);
    for (std::size_t i = 0; i < state_->acceptors.size(); ++i) state_->tasks.spawn(state::accept(state_, i), "accept");
}

void listener::stop() {
    boost::system::error_code ignored;
    for (auto& a : state_->acceptors) a.close(ignored);
    state_->tasks.cancel();
}

awaitable<void> listener::state::accept(std::shared_ptr<state> self, std::size_t index) {
    auto& from = self->acceptors[index];
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
