#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/deadline.hpp"
#include "net/errc.hpp"

namespace postern::net {

using tcp_endpoint = boost::asio::ip::tcp::endpoint;
using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

/// One connection: octets in through a small buffer, octets out at once, every wait under a deadline.
///
/// A protocol reads buffered(), consumes what it understood, writes its answers in one piece and then asks fill() for more.
/// The buffer begins at 2 KiB and grows to 64 KiB only while the peer fills it, so an idle connection costs a few kilobytes.
/// Writing tries the socket first and waits only when the peer does not take it all.
///
/// All transport goes through the two private functions read_some and write_now/write_rest: a TLS layer is set in there, in
/// place, and what was buffered in the clear is dropped with it (RFC 3207 4.2), so plaintext cannot pass for protected.
///
/// Errors: errc::closed, timed_out, interrupted, cancelled. After any of them but interrupted the connection is of no more use.
/// Loop thread only; one reader and one writer at a time. Not movable: waits refer to it.
class stream {
public:
    using duration = deadline::duration;

    explicit stream(tcp_socket socket);

    /// Octets that came and were not consumed. Valid until the next fill().
    [[nodiscard]] std::string_view buffered() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }

    /// Takes `n` octets off the front of buffered().
    void consume(std::size_t n) noexcept { begin_ += n; }

    /// Waits until buffered() has at least one octet more. Whoever reads must bound what it leaves there: 64 KiB fit.
    awaitable<core::result<void>> fill(duration limit);

    /// Sends everything. `limit` is for each wait on a peer that takes nothing.
    awaitable<core::result<void>> write(std::string_view octets, duration limit);

    /// Whether octets are in the buffer or have reached the machine.
    [[nodiscard]] bool input_waiting();

    /// Gives back what the buffer grew by, if it is empty. For a session that falls idle.
    void shrink();

    /// Makes the present fill() and every later one return errc::interrupted; writing goes on. For a graceful stop.
    void interrupt();

    /// Closes so that the peer reads our last words: closing with unread input would reset the connection and take them away.
    /// Waits for the peer's close up to `limit`, dropping what it still sends, at most 1 MiB.
    awaitable<void> finish(duration limit);

    /// Sends what the socket takes at once and closes. For refusals that may not cost a wait.
    void reject(std::string_view farewell);

    void close();

    [[nodiscard]] const tcp_endpoint& peer() const noexcept { return peer_; }
    [[nodiscard]] const tcp_endpoint& local() const noexcept { return local_; }

    /// For Beast: an AsyncStream over the same transport. Its waits are put under a deadline by arm/disarm around them.
    [[nodiscard]] executor get_executor() noexcept { return socket_.get_executor(); }
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return socket_.async_read_some(buffers, std::forward<Token>(token));
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return socket_.async_write_some(buffers, std::forward<Token>(token));
    }
    [[nodiscard]] deadline& time_limit() noexcept { return deadline_; }

private:
    void make_room();
    [[nodiscard]] std::unexpected<core::error> failure(const boost::system::error_code& ec) const;
    core::result<std::size_t> write_now(std::string_view octets);
    awaitable<core::result<void>> write_rest(std::string_view octets, duration limit);

    tcp_socket socket_;
    tcp_endpoint peer_;
    tcp_endpoint local_;
    deadline deadline_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool filled_ = false;  // the last read took all the room there was: give it more
    bool interrupted_ = false;
};

}  // namespace postern::net
