#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/deadline.hpp"
#include "net/errc.hpp"
#include "net/tls_info.hpp"

namespace postern::net {

using tcp_endpoint = boost::asio::ip::tcp::endpoint;
using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

class tls_client_context;
class tls_server_context;
class tls_session;

/// One connection: octets in through a small buffer, octets out at once, every wait under a deadline; in the clear or in TLS.
///
/// A protocol reads buffered(), consumes what it understood, writes its answers in one piece and then asks fill() for more.
/// The buffer begins at 2 KiB and grows to 64 KiB only while the peer fills it, so an idle connection costs a few kilobytes.
/// Writing tries the socket first and waits only when the peer does not take it all.
///
/// start_tls() puts TLS between the socket and the buffer, in place: from then on the same functions carry protected octets.
/// What was buffered in the clear is dropped with it (RFC 3207 4.2), so plaintext cannot pass for protected. TLS costs about 80
/// KiB for each connection.
///
/// Errors: errc::closed, timed_out, interrupted, woken, cancelled, tls_failed. After any of them but interrupted, woken and a
/// fill() that timed_out the connection is of no more use. Loop thread only; one wait at a time. Not movable: waits refer to
/// it.
class stream {
public:
    using duration = deadline::duration;

    explicit stream(tcp_socket socket);

    /// peer() is `client`: whom a trusted proxy connected for.
    stream(tcp_socket socket, const tcp_endpoint& client);
    ~stream();
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    /// Octets that came and were not consumed. Valid until the next fill() or input_waiting().
    [[nodiscard]] std::string_view buffered() const noexcept { return {buffer_.get() + begin_, end_ - begin_}; }

    /// Takes `n` octets off the front of buffered().
    void consume(std::size_t n) noexcept { begin_ += n; }

    /// Waits until buffered() has at least one octet more. Whoever reads must bound what it leaves there: 64 KiB fit.
    awaitable<core::result<void>> fill(duration limit);

    /// Sends everything. `limit` is for each wait on a peer that takes nothing, and `limit` plus a second for each KiB is for
    /// all of them: who takes an octet now and then cannot keep us for ever.
    awaitable<core::result<void>> write(std::string_view octets, duration limit);

    /// The server's side of a TLS handshake, `limit` for all of it. buffered() is empty before the first octet of it. On
    /// failure the peer has been told, if it could be, and the connection is closed: nothing can be said in the clear by
    /// mistake. At most once.
    awaitable<core::result<void>> start_tls(const tls_server_context& as, duration limit);

    /// The client's side, to a server called `server_name` (SNI; an address literal is not sent). Else the same.
    awaitable<core::result<void>> start_tls(const tls_client_context& as, std::string_view server_name, duration limit);

    /// What the handshake agreed on; nullptr in the clear.
    [[nodiscard]] const tls_info* tls() const noexcept;

    /// Whether octets are in the buffer or have reached the machine.
    [[nodiscard]] bool input_waiting();

    /// Gives back what the buffer grew by, if it is empty. For a session that falls idle.
    void shrink();

    /// Makes the present fill() or handshake and every later one return errc::interrupted; writing goes on. For a graceful
    /// stop.
    void interrupt();

    /// Makes the present fill(), or the next one, return errc::woken; nothing is lost by it. Not while something is being
    /// written.
    void wake();

    /// Closes so that the peer reads our last words: closing with unread input would reset the connection and take them away.
    /// Waits for the peer's close up to `limit`, dropping what it still sends, at most 1 MiB.
    awaitable<void> finish(duration limit);

    /// Sends what the socket takes at once and closes. For refusals that may not cost a wait.
    void reject(std::string_view farewell);

    void close();

    [[nodiscard]] const tcp_endpoint& peer() const noexcept { return peer_; }
    [[nodiscard]] const tcp_endpoint& local() const noexcept { return local_; }

private:
    using steady = std::chrono::steady_clock;

    void make_room();
    [[nodiscard]] std::unexpected<core::error> failure(const boost::system::error_code& ec) const;
    awaitable<core::result<std::size_t>> read_some(boost::asio::mutable_buffer room, duration limit);
    core::result<std::size_t> write_now(std::string_view octets);
    awaitable<core::result<void>> write_rest(std::string_view octets, duration limit);
    [[nodiscard]] bool unsent() const noexcept;
    awaitable<core::result<void>> flush(steady::time_point until);
    awaitable<core::result<void>> handshake(duration limit);
    awaitable<core::result<void>> begin_tls(duration limit);
    awaitable<core::result<void>> wait(boost::asio::socket_base::wait_type what, duration limit);

    tcp_socket socket_;
    tcp_endpoint peer_;
    tcp_endpoint local_;
    deadline deadline_;
    std::unique_ptr<tls_session> tls_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool filled_ = false;  // the last read took all the room there was: give it more
    bool interrupted_ = false;
    bool woken_ = false;
};

}  // namespace postern::net
