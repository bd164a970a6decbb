#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "net/awaitable.hpp"
#include "net/tls_client_context.hpp"
#include "net/tls_info.hpp"
#include "net/tls_server_context.hpp"

namespace postern::net {

using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;

/// What Asio's SSL stream reads from and writes to: the socket as it is now, without waiting.
///
/// Reading gives would_block when nothing is there; writing always takes all and keeps it until flush(). So no operation of the
/// SSL stream is ever half done, and the stream that owns all this decides when and how long to wait.
class tls_transport {
public:
    using executor_type = executor;
    using lowest_layer_type = tcp_socket;

    explicit tls_transport(tcp_socket& socket) : socket_(socket) {}

    [[nodiscard]] executor_type get_executor() noexcept { return socket_.get_executor(); }
    [[nodiscard]] lowest_layer_type& lowest_layer() noexcept { return socket_; }

    template <class Buffers>
    std::size_t read_some(const Buffers& into, boost::system::error_code& ec) {
        if (readable_ == 0) return ec = boost::asio::error::would_block, 0;
        const auto n = socket_.read_some(into, ec);
        readable_ -= std::min(readable_, n);
        return n;
    }

    template <class Buffers>
    std::size_t write_some(const Buffers& from, boost::system::error_code& ec) {
        for (auto i = boost::asio::buffer_sequence_begin(from); i != boost::asio::buffer_sequence_end(from); ++i) {
            const boost::asio::const_buffer piece(*i);
            unsent_.append(static_cast<const char*>(piece.data()), piece.size());
        }
        ec = {};
        return boost::asio::buffer_size(from);
    }

    /// How many octets the next operation may read: a peer that sends what gives no data (key updates, empty records) faster
    /// than it is read must not keep the loop.
    void allow_reading(std::size_t octets) noexcept { readable_ = octets; }

    /// Sends what the socket takes.
    void flush(boost::system::error_code& ec);
    [[nodiscard]] std::size_t unsent() const noexcept { return unsent_.size() - sent_; }

private:
    tcp_socket& socket_;
    std::size_t readable_ = 0;
    std::string unsent_;
    std::size_t sent_ = 0;  // of unsent_
};

/// The TLS of one net::stream. Nothing here waits: an operation that gives would_block is asked again once the socket is
/// readable, and while unsent() the socket has to become writable first.
class tls_session {
public:
    tls_session(tcp_socket& socket, const tls_server_context& as);
    tls_session(tcp_socket& socket, const tls_client_context& as, std::string_view server_name);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    /// Goes on with the handshake as far as it gets.
    boost::system::error_code handshake();

    std::size_t read(const boost::asio::mutable_buffer& into, boost::system::error_code& ec);

    /// Takes up to 64 KiB of `octets`, and sends of what it has what the socket takes.
    std::size_t write(std::string_view octets, boost::system::error_code& ec);

    boost::system::error_code flush();
    [[nodiscard]] bool unsent() const noexcept { return stream_.next_layer().unsent() > 0; }

    /// Tells the peer that nothing follows (RFC 8446 6.1), if the handshake was done and the socket takes it.
    void shut_down();

    /// nullptr until the handshake is done.
    [[nodiscard]] const tls_info* info() const noexcept { return info_.get(); }

    /// What `ec` means to a person, with the reason a certificate was not accepted.
    [[nodiscard]] std::string explain(const boost::system::error_code& ec);

private:
    std::shared_ptr<const void> context_;  // the SNI callback's argument lives in it
    boost::asio::ssl::stream<tls_transport> stream_;
    boost::asio::ssl::stream_base::handshake_type side_;
    std::unique_ptr<tls_info> info_;
};

}  // namespace postern::net
