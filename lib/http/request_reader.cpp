#include "http/request_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/parse.hpp>

namespace postern::http {

namespace beast_http = boost::beast::http;
using beast_http::field;

namespace {

bool has_control_but_tab(boost::beast::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20U && c != '\t'; });
}

/// RFC 9112 7.1.1: chunk extensions are ignored. Beast takes any octet in a quoted one, a line end for a laxer parser included.
struct extension_check {
    void operator()(std::uint64_t /*size*/, boost::beast::string_view extensions, boost::system::error_code& failed) const {
        if (has_control_but_tab(extensions)) failed = beast_http::error::bad_chunk_extension;
    }
};

}  // namespace

struct request_reader::parser : beast_http::request_parser<beast_http::string_body> {
    extension_check check_extension;
};

namespace {

problem refusal_of(const boost::system::error_code& why, std::string_view head) {
    if (why == beast_http::error::bad_version) {
        // RFC 9110 15.6.6: a version that is well written and not ours, and not some noise at the end of the line.
        const auto line = head.substr(0, head.find('\r'));
        const auto version = line.substr(line.rfind(' ') + 1);
        const auto digit = [](char c) { return c >= '0' && c <= '9'; };
        if (version != "HTTP/1.1" && version != "HTTP/1.0" && version.size() == 8 && version.starts_with("HTTP/") &&
            digit(version[5]) && version[6] == '.' && digit(version[7])) {
            return {status::http_version_not_supported, "This server speaks HTTP/1.1 and HTTP/1.0.", {}};
        }
    }
    if (why == beast_http::error::body_limit) {
        return {status::payload_too_large, "The request body is larger than this server takes.", {}};
    }
    return {status::bad_request, "The request is not well-formed HTTP: " + why.message() + ".", {}};
}

/// RFC 9112 3.2: exactly one Host field, also with an absolute-form target; its value an authority without user information.
bool host_is_valid(const beast_http::fields& fields, bool http_11) {
    const auto count = fields.count(field::host);
    if (count == 0) return !http_11;
    if (count > 1) return false;
    const auto value = fields[field::host];
    const auto parsed = boost::urls::parse_authority(boost::urls::string_view(value.data(), value.size()));
    return parsed && !parsed->has_userinfo();
}

/// RFC 9112 6.3: the one way to say where the body ends, said once.
outcome<void> check_framing(const beast_http::fields& fields, bool http_11) {
    const auto lengths = fields.count(field::content_length);
    const auto codings = fields.count(field::transfer_encoding);
    if (lengths > 0 && codings > 0) {
        return refuse(status::bad_request, "Content-Length and Transfer-Encoding exclude each other.");
    }
    // "5, 5" and a repeated field may be read as one length, and may be refused; the next parser may take another of them.
    if (lengths > 1 || fields[field::content_length].find(',') != boost::beast::string_view::npos) {
        return refuse(status::bad_request, "Content-Length is given more than once.");
    }
    if (codings == 0) return {};
    if (!http_11) return refuse(status::bad_request, "HTTP/1.0 has no Transfer-Encoding.");  // RFC 9112 6.1
    if (codings > 1) return refuse(status::bad_request, "Transfer-Encoding is given more than once.");
    if (!boost::urls::grammar::ci_is_equal(fields[field::transfer_encoding], "chunked")) {
        return refuse(status::not_implemented, "The only Transfer-Encoding understood is chunked.");  // RFC 9112 6.1
    }
    return {};
}

}  // namespace

request_reader::request_reader(std::size_t head_limit) : head_limit_(head_limit), parser_(std::make_unique<parser>()) {
    // Both bounds are ours: the head's is checked before the parser sees an octet, the body's is set by begin_body().
    parser_->header_limit(std::numeric_limits<std::uint32_t>::max());
    parser_->body_limit(boost::none);
    parser_->eager(true);
    parser_->on_chunk_header(parser_->check_extension);
}

request_reader::~request_reader() = default;

outcome<std::optional<std::size_t>> request_reader::read_head(std::string_view received) {
    // RFC 9112 2.2: an empty line before the request is ignored; one, or an endless run of them would cost us for nothing.
    const std::size_t start = received.starts_with("\r\n") ? 2 : 0;
    if (received.size() > start && received[start] <= ' ' && !(start == 0 && received == "\r")) {
        return refuse(status::bad_request, "The request does not begin with a method.");
    }
    const auto from = std::max(searched_, start);
    const auto end = received.find("\r\n\r\n", from);
    const auto head = received.substr(start, end == std::string_view::npos ? end : end + 4 - start);
    if (head.size() > head_limit_) {
        if (head.substr(0, head_limit_).find('\n') == std::string_view::npos) {
            return refuse(status::uri_too_long, "The request target is longer than this server takes.");
        }
        return refuse(status::request_header_fields_too_large, "The header fields are longer than this server takes.");
    }
    // A line ends in CRLF (RFC 9112 2.2 lets us take a bare LF, and the parser in front of us may not). Seen at once, so that
    // who types a request into a plain socket is answered instead of waited for.
    for (auto lf = head.find('\n', from - start); lf != std::string_view::npos; lf = head.find('\n', lf + 1)) {
        if (lf == 0 || head[lf - 1] != '\r') return refuse(status::bad_request, "A line of the request ends in a bare LF.");
    }
    if (end == std::string_view::npos) {
        searched_ = received.size() < 3 ? 0 : received.size() - 3;
        return std::nullopt;
    }
    if (const auto checked = check_head(head); !checked) return std::unexpected(checked.error());
    return end + 4;
}

outcome<void> request_reader::check_head(std::string_view head) {
    // RFC 9112 5.2: a folded field is refused; Beast would unfold it, and whoever is in front of us may not.
    if (head.find("\r\n ") != std::string_view::npos || head.find("\r\n\t") != std::string_view::npos) {
        return refuse(status::bad_request, "A header field is folded over several lines.");
    }
    boost::system::error_code failed;
    parser_->put(boost::asio::buffer(head), failed);
    if (failed && failed != beast_http::error::need_more) return std::unexpected(refusal_of(failed, head));
    if (!parser_->is_header_done()) return refuse(status::bad_request, "The request is not well-formed HTTP.");

    auto& parsed = parser_->get();
    const bool http_11 = parsed.version() >= 11;
    if (!host_is_valid(parsed, http_11)) return refuse(status::bad_request, "The request needs one valid Host field.");
    if (auto framing = check_framing(parsed, http_11); !framing) return framing;

    request_.method = parsed.method();
    request_.target.assign(parsed.target().data(), parsed.target().size());
    request_.keep_alive = parser_->keep_alive();
    request_.http_11 = http_11;
    request_.has_body = !parser_->is_done();
    if (const auto length = parser_->content_length()) request_.body_size = *length;
    if (const auto expected = parsed[field::expect]; http_11 && !expected.empty()) {
        if (!boost::urls::grammar::ci_is_equal(expected, "100-continue")) {
            return refuse(status::expectation_failed, "The only expectation understood is 100-continue.");
        }
        request_.expects_continue = request_.has_body;
    }
    // Taken out of the parser: trailers, which it appends to its own fields, stay there and are dropped with it.
    request_.fields = std::move(static_cast<beast_http::fields&>(parsed));
    return {};
}

outcome<void> request_reader::begin_body(std::uint64_t limit) {
    if (request_.body_size && *request_.body_size > limit) {
        return std::unexpected(refusal_of(beast_http::error::body_limit, {}));
    }
    parser_->body_limit(limit);
    return {};
}

outcome<std::size_t> request_reader::read_body(std::string_view received) {
    // Every chunked body ends in at least "0\r\n\r\n". Beast asserts that it is not shown fewer octets than that once it has
    // seen the last chunk's size, and a client may send them one by one.
    if (!request_.body_size && received.size() < 5 && received.starts_with('0')) return 0;
    boost::system::error_code failed;
    const auto taken = parser_->put(boost::asio::buffer(received), failed);
    if (failed && failed != beast_http::error::need_more) return std::unexpected(refusal_of(failed, {}));
    if (parser_->is_done()) request_.body = std::move(parser_->get().body());
    return taken;
}

void request_reader::drop_body() { parser_->get().body().clear(); }

bool request_reader::body_done() const { return parser_->is_done(); }

}  // namespace postern::http
