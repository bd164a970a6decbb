#include "net/stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include "net/tls_session.hpp"

namespace postern::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t small_buffer = 2 * 1024;
constexpr std::size_t large_buffer = 64 * 1024;
constexpr std::size_t most_dropped = 1024 * 1024;
constexpr std::size_t least_speed = 1024;  // octets a second that a reader must take on the average

}  // namespace

stream::stream(tcp_socket socket)
    : socket_(std::move(socket)), deadline_(socket_.get_executor(), [this] {
          boost::system::error_code ignored;
          socket_.cancel(ignored);
      }) {
    boost::system::error_code ec;  // a peer that is gone already shows at the first read
    peer_ = socket_.remote_endpoint(ec);
    local_ = socket_.local_endpoint(ec);
    socket_.non_blocking(true, ec);
}

stream::stream(tcp_socket socket, const tcp_endpoint& client) : stream(std::move(socket)) { peer_ = client; }

stream::~stream() = default;

const tls_info* stream::tls() const noexcept { return tls_ ? tls_->info() : nullptr; }

std::unexpected<core::error> stream::failure(const boost::system::error_code& ec) const {
    if (tls_ && ec.category() == asio::error::get_ssl_category()) return core::fail(errc::tls_failed, tls_->explain(ec));
    if (ec != asio::error::operation_aborted) {
        const bool at_end = ec == asio::error::eof || ec == asio::ssl::error::stream_truncated;
        return core::fail(errc::closed, at_end ? "" : ec.message());
    }
    if (interrupted_) return core::fail(errc::interrupted);
    if (woken_) return core::fail(errc::woken);
    return core::fail(deadline_.expired() ? errc::timed_out : errc::cancelled);
}

void stream::make_room() {
    if (begin_ == end_) begin_ = end_ = 0;
    const auto wanted = filled_ ? std::min(capacity_ * 8, large_buffer) : std::max(capacity_, small_buffer);
    if (wanted > capacity_) {
        auto larger = std::make_unique_for_overwrite<char[]>(wanted);
        if (begin_ != end_) std::memcpy(larger.get(), buffer_.get() + begin_, end_ - begin_);
        buffer_ = std::move(larger);
        capacity_ = wanted;
    } else if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    } else {
        return;
    }
    end_ -= begin_;
    begin_ = 0;
}

awaitable<core::result<void>> stream::fill(duration limit) {
    if (interrupted_) co_return core::fail(errc::interrupted);
    make_room();
    const auto room = asio::buffer(buffer_.get() + end_, capacity_ - end_);
    if (room.size() == 0) co_return core::fail(errc::closed, "more input than the protocol allows");
    // A peer that always has octets ready is never waited for, so the timer alone would not end it.
    if (limit <= duration::zero()) co_return core::fail(errc::timed_out);
    if (std::exchange(woken_, false)) co_return core::fail(errc::woken);
    const auto n = co_await read_some(room, limit);
    woken_ = false;
    if (!n) co_return std::unexpected(n.error());
    end_ += *n;
    filled_ = *n == room.size();
    co_return core::result<void>{};
}

awaitable<core::result<void>> stream::wait(asio::socket_base::wait_type what, duration limit) {
    if (limit <= duration::zero()) co_return core::fail(errc::timed_out);
    deadline_.arm(limit);
    const auto [ec] = co_await socket_.async_wait(what, asio::as_tuple(use_awaitable));
    deadline_.disarm();
    if (ec) co_return failure(ec);
    co_return core::result<void>{};
}

awaitable<core::result<std::size_t>> stream::read_some(asio::mutable_buffer room, duration limit) {
    if (!tls_) {
        deadline_.arm(limit);
        const auto [ec, n] = co_await socket_.async_read_some(room, asio::as_tuple(use_awaitable));
        deadline_.disarm();
        if (ec) co_return failure(ec);
        co_return n;
    }
    const auto until = steady::now() + limit;
    for (bool waited = false;; waited = true) {
        boost::system::error_code ec;
        const auto n = tls_->read(room, ec);
        if (ec && ec != asio::error::would_block) co_return failure(ec);
        // Octets that were there already: others get their turn first, or a fast peer would have the loop to itself.
        if (!ec && !waited) co_await asio::post(socket_.get_executor(), use_awaitable);
        if (!ec) co_return n;
        // What TLS itself had to answer goes first: a peer that reads none of it is not read from either.
        if (auto sent = co_await flush(until); !sent) co_return std::unexpected(sent.error());
        if (auto ready = co_await wait(tcp_socket::wait_read, until - steady::now()); !ready)
            co_return std::unexpected(ready.error());
    }
}

bool stream::unsent() const noexcept { return tls_ && tls_->unsent(); }

core::result<std::size_t> stream::write_now(std::string_view octets) {
    boost::system::error_code ec;
    if (!tls_) {
        const auto n = socket_.write_some(asio::buffer(octets), ec);
        if (ec && ec != asio::error::would_block) return failure(ec);
        return n;
    }
    if (tls_->unsent()) ec = tls_->flush();
    std::size_t taken = 0;
    while (!ec && taken < octets.size() && !tls_->unsent()) taken += tls_->write(octets.substr(taken), ec);
    if (ec) return failure(ec);
    return taken;
}

awaitable<core::result<void>> stream::write_rest(std::string_view octets, duration limit) {
    const auto until = steady::now() + limit + std::chrono::seconds(octets.size() / least_speed);
    while (!octets.empty() || unsent()) {
        const auto left = std::min<duration>(limit, until - steady::now());
        if (auto ready = co_await wait(tcp_socket::wait_write, left); !ready) co_return ready;
        const auto sent = write_now(octets);
        if (!sent) co_return std::unexpected(sent.error());
        octets.remove_prefix(*sent);
    }
    co_return core::result<void>{};
}

awaitable<core::result<void>> stream::write(std::string_view octets, duration limit) {
    const auto sent = write_now(octets);
    if (!sent) co_return std::unexpected(sent.error());
    if (*sent == octets.size() && !unsent()) co_return core::result<void>{};
    co_return co_await write_rest(octets.substr(*sent), limit);
}

awaitable<core::result<void>> stream::flush(steady::time_point until) {
    for (;;) {
        if (const auto ec = tls_->flush()) co_return failure(ec);
        if (!tls_->unsent()) co_return core::result<void>{};
        if (auto ready = co_await wait(tcp_socket::wait_write, until - steady::now()); !ready) co_return ready;
    }
}

awaitable<core::result<void>> stream::start_tls(const tls_server_context& as, duration limit) {
    tls_ = std::make_unique<tls_session>(socket_, as);
    co_return co_await begin_tls(limit);
}

awaitable<core::result<void>> stream::start_tls(const tls_client_context& as, std::string_view server_name, duration limit) {
    tls_ = std::make_unique<tls_session>(socket_, as, server_name);
    co_return co_await begin_tls(limit);
}

awaitable<core::result<void>> stream::begin_tls(duration limit) {
    begin_ = end_ = 0;  // RFC 3207 4.2: what came in the clear is not taken for what TLS will protect
    auto done = co_await handshake(limit);
    if (!done) close();
    co_return done;
}

awaitable<core::result<void>> stream::handshake(duration limit) {
    const auto until = steady::now() + limit;
    for (;;) {
        if (interrupted_) co_return core::fail(errc::interrupted);
        const auto ec = tls_->handshake();
        const auto sent = co_await flush(until);  // of a failure the alert that says why
        if (ec && ec != asio::error::would_block) co_return failure(ec);
        if (!ec || !sent) co_return sent;
        if (auto ready = co_await wait(tcp_socket::wait_read, until - steady::now()); !ready) co_return ready;
    }
}

bool stream::input_waiting() {
    if (begin_ != end_) return true;
    boost::system::error_code ec;
    if (!tls_) return socket_.available(ec) > 0;
    // Records without data (a key update, the end) are not input: only deciphering tells.
    make_room();
    end_ += tls_->read(asio::buffer(buffer_.get() + end_, capacity_ - end_), ec);
    return begin_ != end_;
}

void stream::shrink() {
    if (begin_ != end_ || capacity_ <= small_buffer) return;
    buffer_.reset();
    capacity_ = begin_ = end_ = 0;
    filled_ = false;
}

void stream::interrupt() {
    interrupted_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void stream::wake() {
    woken_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

awaitable<void> stream::finish(duration limit) {
    boost::system::error_code ignored;
    if (tls_) tls_->shut_down();
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    const auto end = steady::now() + limit;
    std::array<char, small_buffer> dropped{};
    for (std::size_t count = 0; count < most_dropped;) {
        const auto n = socket_.read_some(asio::buffer(dropped), ignored);  // under TLS too: nobody wants to know what it says
        count += n;
        if (ignored == asio::error::would_block) {
            if (!co_await wait(tcp_socket::wait_read, end - steady::now())) break;
        } else if (ignored) {
            break;
        }
    }
    close();
}

void stream::reject(std::string_view farewell) {
    boost::system::error_code ignored;
    if (!tls_ || tls_->info()) static_cast<void>(write_now(farewell));
    if (tls_) tls_->shut_down();
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    close();
}

void stream::close() {
    boost::system::error_code ignored;
    if (tls_ && socket_.is_open()) tls_->shut_down();
    socket_.close(ignored);
}

}  // namespace postern::net
