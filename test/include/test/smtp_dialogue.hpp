#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include "test/catch.hpp"

namespace postern::test {

/// A client at a server's socket that says and expects what a script tells it; blocking, on the test's own thread.
///
///     client.play(R"(
///         S: 220
///         C: EHLO client.test
///         S: 250-mx.example.test
///         ...
///         C: DATA
///         S: 503 5.5.1
///     )");
///
/// Neighbouring C lines go out in one segment, each with CRLF. An S line is the start of the next reply line; "S: ..." takes
/// the remaining lines of that reply; "S: <end>" expects the close; "C: <tls>" does a TLS handshake. A server that says nothing
/// for 20 seconds fails the test.
class smtp_dialogue {
public:
    using endpoint = boost::asio::ip::tcp::endpoint;

    explicit smtp_dialogue(const endpoint& server) : socket_(*loop_) {
        socket_.connect(server);
        socket_.set_option(boost::asio::ip::tcp::no_delay(true));
        const timeval patience{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }

    void play(const std::string& script) {
        std::istringstream lines(script);
        std::string said;
        std::string line;
        std::string heard;
        while (std::getline(lines, line)) {
            line.erase(0, line.find_first_not_of(' '));
            if (line == "C: <tls>") {
                send(said);
                said.clear();
                start_tls();
            } else if (line.starts_with("C:")) {
                said += line.substr(std::min<std::size_t>(3, line.size())) + "\r\n";
            } else if (line.starts_with("S: ")) {
                send(said);
                said.clear();
                expect(line.substr(3), heard);
            } else if (!line.empty()) {
                throw std::logic_error("not a line of a script: " + line);
            }
        }
        send(said);
    }

    /// Sends; a server that has closed meanwhile is met at the next reading.
    void send(std::string_view octets) {
        boost::system::error_code closed;
        if (tls_ && !octets.empty()) {
            CHECK(SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size())) == static_cast<int>(octets.size()));
            return;
        }
        if (!octets.empty()) boost::asio::write(socket_, boost::asio::buffer(octets), closed);
    }

    /// Octets beside the TLS session: what one in the middle could put in.
    void send_in_the_clear(std::string_view octets) { boost::asio::write(socket_, boost::asio::buffer(octets)); }

    /// The client's side of a handshake; whoever answers is believed. False: it came to nothing.
    bool try_tls(const char* server_name = "mx.example.test", int newest = TLS1_3_VERSION) {
        const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
        SSL_CTX_set_max_proto_version(context.get(), newest);
        tls_.reset(SSL_new(context.get()));
        SSL_set_fd(tls_.get(), socket_.native_handle());
        SSL_set_tlsext_host_name(tls_.get(), server_name);
        return SSL_connect(tls_.get()) == 1;
    }
    void start_tls() { REQUIRE(try_tls()); }
    [[nodiscard]] SSL* tls() const { return tls_.get(); }

    /// One octet a segment.
    void send_slowly(std::string_view octets) {
        for (const char c : octets) send({&c, 1});
    }

    /// The next line without CRLF; "<end>" when the server has closed.
    std::string line() {
        for (;;) {
            const auto at = input_.find("\r\n");
            if (at != std::string::npos) {
                auto whole = input_.substr(0, at);
                input_.erase(0, at + 2);
                return whole;
            }
            if (!read_some()) return input_.empty() ? "<end>" : "<end within a line>";
        }
    }

    /// The last line of the next reply.
    std::string reply() {
        auto last = line();
        while (last.size() > 3 && last[3] == '-') last = line();
        return last;
    }

    /// What one read gives, everything before it read already.
    std::string one_read() {
        input_.clear();
        read_some();
        return std::exchange(input_, {});
    }

    /// No more will be said; the answers still come.
    void shut_down() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }
    void close() { socket_.close(); }

private:
    void expect(const std::string& wanted, std::string& heard) {
        if (wanted == "...") {
            while (heard.size() > 3 && heard[3] == '-') heard = line();
            return;
        }
        heard = line();
        INFO("the server said: " << heard);
        CHECK(heard.substr(0, wanted.size()) == wanted);
    }

    bool read_some() {
        std::array<char, 65536> piece{};
        boost::system::error_code ec;
        const auto n = tls_ ? read_tls(piece, ec) : socket_.read_some(boost::asio::buffer(piece), ec);
        if (ec == boost::asio::error::would_block || ec == boost::asio::error::try_again) {
            throw std::runtime_error("the server has said nothing for 20 seconds");
        }
        input_.append(piece.data(), n);
        return !ec;
    }

    std::size_t read_tls(std::span<char> into, boost::system::error_code& ec) {
        const auto n = SSL_read(tls_.get(), into.data(), static_cast<int>(into.size()));
        if (n > 0) return static_cast<std::size_t>(n);
        const bool silent = SSL_get_error(tls_.get(), n) == SSL_ERROR_WANT_READ;
        ec = silent ? boost::system::error_code(boost::asio::error::would_block) : boost::asio::error::eof;
        return 0;
    }

    std::unique_ptr<boost::asio::io_context> loop_ = std::make_unique<boost::asio::io_context>();
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL, decltype([](SSL* s) { SSL_free(s); })> tls_;
    std::string input_;
};

}  // namespace postern::test
