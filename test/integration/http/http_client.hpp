#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/parse.hpp>

namespace postern::test {

/// An answer as it came over the wire.
struct http_answer {
    unsigned status = 0;
    boost::beast::http::fields fields;
    std::string body;
    bool keep_alive = false;

    [[nodiscard]] std::string field(std::string_view name) const {
        return std::string(fields[boost::beast::string_view(name.data(), name.size())]);
    }
    [[nodiscard]] boost::json::value json() const { return boost::json::parse(body); }
};

/// A JSON string's text.
inline std::string text_of(const boost::json::value& string) { return std::string(string.as_string()); }

inline std::string base64(std::string_view text) {
    std::string encoded(boost::beast::detail::base64::encoded_size(text.size()), '\0');
    encoded.resize(boost::beast::detail::base64::encode(encoded.data(), text.data(), text.size()));
    return encoded;
}

/// "Basic ..." for an address and a password.
inline std::string basic(std::string_view login, std::string_view password) {
    return "Basic " + base64(std::string(login).append(1, ':').append(password));
}

/// One connection of a client that waits for every answer, byte-exact in what it sends.
class http_client {
public:
    explicit http_client(const boost::asio::ip::tcp::endpoint& at) : socket_(io_) { socket_.connect(at); }

    void send(std::string_view octets) { boost::asio::write(socket_, boost::asio::buffer(octets)); }

    /// Says that nothing more comes, and still reads.
    void half_close() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }

    /// The next answer; nullopt when the connection ends first. `head`: it is one to HEAD, without a body.
    std::optional<http_answer> read(bool head = false) {
        boost::beast::http::response_parser<boost::beast::http::string_body> parser;
        parser.body_limit(boost::none);
        parser.skip(head);
        boost::system::error_code failed;
        boost::beast::http::read(socket_, buffer_, parser, failed);
        if (failed) return std::nullopt;
        http_answer answer{parser.get().result_int(), {}, std::move(parser.get().body()), parser.keep_alive()};
        answer.fields = std::move(parser.get().base());
        return answer;
    }

    /// The next answer; of one without an end, which a stream of events is, only its head.
    std::optional<http_answer> read_beginning() {
        boost::beast::http::response_parser<boost::beast::http::string_body> parser;
        boost::system::error_code failed;
        boost::beast::http::read_header(socket_, buffer_, parser, failed);
        if (!failed && !parser.chunked()) boost::beast::http::read(socket_, buffer_, parser, failed);
        if (failed) return std::nullopt;
        http_answer answer{parser.get().result_int(), {}, std::move(parser.get().body()), parser.keep_alive()};
        answer.fields = std::move(parser.get().base());
        return answer;
    }

    /// Waits until something has come, without taking it.
    void wait_for_octets() { socket_.wait(boost::asio::ip::tcp::socket::wait_read); }

    /// The connection ends here, without another octet.
    bool at_end() {
        boost::system::error_code ended;
        char octet = 0;
        return buffer_.size() == 0 && socket_.read_some(boost::asio::buffer(&octet, 1), ended) == 0 && ended;
    }

    /// What comes next, whatever it is.
    std::string read_some() {
        std::string piece(static_cast<const char*>(buffer_.data().data()), buffer_.size());
        buffer_.consume(buffer_.size());
        if (!piece.empty()) return piece;
        piece.resize(4096);
        piece.resize(socket_.read_some(boost::asio::buffer(piece)));
        return piece;
    }

    /// Everything that comes until the connection ends.
    std::string drain() {
        std::string all(static_cast<const char*>(buffer_.data().data()), buffer_.size());
        std::vector<char> piece(64UL * 1024);
        for (;;) {
            boost::system::error_code ended;
            const auto n = socket_.read_some(boost::asio::buffer(piece), ended);
            all.append(piece.data(), n);
            if (ended) return all;
        }
    }

    http_answer request(std::string_view method, std::string_view target, std::string_view fields = {}) {
        std::string text;
        text.append(method)
            .append(" ")
            .append(target)
            .append(" HTTP/1.1\r\nHost: mx.example.test\r\n")
            .append(fields)
            .append("\r\n");
        send(text);
        auto answer = read(method == "HEAD");
        if (!answer) throw std::runtime_error("the connection ended without an answer");
        return std::move(*answer);
    }

    /// With a JSON body.
    http_answer send_json(std::string_view method, std::string_view target, std::string_view json,
                          const std::string& fields = {}) {
        return request_with(method, target, fields + "Content-Type: application/json\r\n", json);
    }

    http_answer request_with(std::string_view method, std::string_view target, const std::string& fields,
                             std::string_view body) {
        std::string text(method);
        text.append(" ").append(target).append(" HTTP/1.1\r\nHost: mx.example.test\r\nContent-Length: ");
        text.append(std::to_string(body.size())).append("\r\n").append(fields).append("\r\n").append(body);
        send(text);
        auto answer = read(method == "HEAD");
        if (!answer) throw std::runtime_error("the connection ended without an answer");
        return std::move(*answer);
    }

    http_answer get(std::string_view target, std::string_view fields = {}) { return request("GET", target, fields); }

private:
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
};

}  // namespace postern::test
