#include "net/stream.hpp"

#include <algorithm>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>

namespace postern::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t small_buffer = 2 * 1024;
constexpr std::size_t large_buffer = 64 * 1024;
constexpr std::size_t most_dropped = 1024 * 1024;

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

std::unexpected<core::error> stream::failure(const boost::system::error_code& ec) const {
    if (ec != asio::error::operation_aborted) return core::fail(errc::closed, ec == asio::error::eof ? "" : ec.message());
    if (interrupted_) return core::fail(errc::interrupted);
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
    deadline_.arm(limit);
    const auto [ec, n] = co_await async_read_some(room, asio::as_tuple(use_awaitable));
    deadline_.disarm();
    if (ec) co_return failure(ec);
    end_ += n;
    filled_ = n == room.size();
    co_return core::result<void>{};
}

core::result<std::size_t> stream::write_now(std::string_view octets) {
    boost::system::error_code ec;
    const auto n = socket_.write_some(asio::buffer(octets), ec);
    if (!ec) return n;
    if (ec == asio::error::would_block) return 0;
    return failure(ec);
}

awaitable<core::result<void>> stream::write_rest(std::string_view octets, duration limit) {
    while (!octets.empty()) {
        deadline_.arm(limit);
        const auto [ec, n] = co_await async_write_some(asio::buffer(octets), asio::as_tuple(use_awaitable));
        deadline_.disarm();
        if (ec) co_return failure(ec);
        octets.remove_prefix(n);
    }
    co_return core::result<void>{};
}

awaitable<core::result<void>> stream::write(std::string_view octets, duration limit) {
    const auto sent = write_now(octets);
    if (!sent) co_return std::unexpected(sent.error());
    if (*sent == octets.size()) co_return core::result<void>{};
    co_return co_await write_rest(octets.substr(*sent), limit);
}

bool stream::input_waiting() {
    if (begin_ != end_) return true;
    boost::system::error_code ec;
    return socket_.available(ec) > 0;
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

awaitable<void> stream::finish(duration limit) {
    boost::system::error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    interrupted_ = false;
    const auto end = std::chrono::steady_clock::now() + limit;
    for (std::size_t dropped = 0; dropped < most_dropped;) {
        dropped += buffered().size();
        consume(buffered().size());
        if (!co_await fill(end - std::chrono::steady_clock::now())) break;
    }
    close();
}

void stream::reject(std::string_view farewell) {
    boost::system::error_code ignored;
    socket_.write_some(asio::buffer(farewell), ignored);
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    close();
}

void stream::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace postern::net
