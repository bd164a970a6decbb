#include "http/request_reader.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "test/catch.hpp"

namespace request_reader_test {

using namespace postern::http;
using namespace std::string_literals;

namespace {

constexpr std::size_t head_limit = 1024;
constexpr std::uint64_t body_limit = 16;

/// What became of the octets of a connection that were given to a reader.
struct reading {
    unsigned status = 0;  ///< of the refusal; 0: none
    bool complete = false;
    std::string target;
    std::string body;
    std::string rest;  ///< octets that belong to what follows

    friend bool operator==(const reading&, const reading&) = default;
};

std::ostream& operator<<(std::ostream& out, const reading& r) {
    return out << r.status << ' ' << r.complete << " target " << r.target << " body " << r.body << " rest " << r.rest;
}

/// Reads one request from `octets`, which come in pieces of `piece`.
reading read(std::string_view octets, std::size_t piece) {
    request_reader reader(head_limit);
    std::string received;
    bool head = false;
    reading r;
    const auto refused = [&r](const problem& p) {
        r.status = static_cast<unsigned>(p.code);
        return r;
    };
    while (!octets.empty()) {
        const auto next = std::min(piece, octets.size());
        received += octets.substr(0, next);
        octets.remove_prefix(next);
        if (!head) {
            const auto taken = reader.read_head(received);
            if (!taken) return refused(taken.error());
            if (!*taken) continue;
            received.erase(0, **taken);
            head = true;
            if (const auto begun = reader.begin_body(body_limit); !begun) return refused(begun.error());
        }
        while (!reader.body_done()) {
            const auto taken = reader.read_body(received);
            if (!taken) return refused(taken.error());
            received.erase(0, *taken);
            if (*taken == 0) break;
        }
        if (reader.body_done()) break;
    }
    r.complete = head && reader.body_done();
    if (head) r.target = reader.get().target;
    r.body = reader.get().body;
    r.rest = received.append(octets);
    return r;
}

const std::string host = "Host: mx.example.test\r\n";

}  // namespace

TEST_CASE("a request ends where RFC 9112 says, however the network cut it") {
    const auto [octets, expected] = GENERATE(table<std::string, reading>({
        // no body
        {"GET /a HTTP/1.1\r\n" + host + "\r\n", {0, true, "/a", "", ""}},
        // the next request stays where it is
        {"GET /a HTTP/1.1\r\n" + host + "\r\nGET /b", {0, true, "/a", "", "GET /b"}},
        // RFC 9112 2.2: an empty line from the request before
        {"\r\nGET /a HTTP/1.1\r\n" + host + "\r\n", {0, true, "/a", "", ""}},
        // RFC 9112 3.2: HTTP/1.0 needs no Host
        {"GET /a HTTP/1.0\r\n\r\n", {0, true, "/a", "", ""}},
        // an empty Host is a host without a name
        {"GET /a HTTP/1.1\r\nHost:\r\n\r\n", {0, true, "/a", "", ""}},
        {"GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", {0, true, "/a", "", ""}},
        // a length
        {"POST /a HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabcGET", {0, true, "/a", "abc", "GET"}},
        {"POST /a HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\nGET", {0, true, "/a", "", "GET"}},
        // chunks, with extensions, and trailers that are dropped
        {"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\nGET",
         {0, true, "/a", "abc", "GET"}},
        {"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", {0, true, "/a", "", ""}},
        // not yet whole
        {"GET /a HTTP/1.1\r\n" + host, {0, false, "", "", "GET /a HTTP/1.1\r\n" + host}},
        {"POST /a HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nab", {0, false, "/a", "", ""}},
    }));
    for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
        CAPTURE(octets, piece);
        auto got = read(octets, piece);
        CHECK(got == expected);
    }
}

TEST_CASE("what two parsers could read differently is refused") {
    const auto get = "GET / HTTP/1.1\r\n" + host;
    const auto post = "POST / HTTP/1.1\r\n" + host;
    const auto [octets, status, why] = GENERATE_COPY(table<std::string, unsigned, std::string>({
        {post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "two ways to end (RFC 9112 6.1)"},
        {post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400, "the other way round"},
        {post + "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n", 400, "a coding nobody knows and a length"},
        {post + "Transfer-Encoding: gzip\r\n\r\n", 501, "a coding that is not chunked"},
        {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "a coding under the chunks"},
        {post + "Transfer-Encoding: chunked, identity\r\n\r\n", 501, "chunked is not the last coding"},
        {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "chunked twice"},
        {post + "Transfer-Encoding: xchunked\r\n\r\n", 501, "a name that only looks like it"},
        {post + "Transfer-Encoding:\r\n\r\n", 501, "no coding at all"},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0 knows no codings (RFC 9112 6.1)"},
        {post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400, "one length twice"},
        {post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 400, "two lengths"},
        {post + "Content-Length: 3, 3\r\n\r\n", 400, "a list of lengths"},
        {post + "Content-Length: +3\r\n\r\n", 400, "a sign"},
        {post + "Content-Length: 0x3\r\n\r\n", 400, "not decimal"},
        {post + "Content-Length:\r\n\r\n", 400, "no digits"},
        {post + "Content-Length: 99999999999999999999\r\n\r\n", 400, "more than 64 bits"},
        {post + "Content-Length : 3\r\n\r\n", 400, "white space before the colon (RFC 9112 5.1)"},
        {post + "X: a\r\n b\r\n\r\n", 400, "obs-fold (RFC 9112 5.2)"},
        {post + "X: a\r\n\tb\r\n\r\n", 400, "obs-fold with a tab"},
        {"GET / HTTP/1.1\r\n " + host + "\r\n", 400, "white space before the first field (RFC 9112 2.2)"},
        {post + "X: a\nContent-Length: 3\r\n\r\n", 400, "a bare LF within a field"},
        {post + "X: a\rContent-Length: 3\r\n\r\n", 400, "a bare CR within a field"},
        {"GET / HTTP/1.1\nHost: a\n\n", 400, "bare LF everywhere"},
        {post + "X: a"s + '\0' + "b\r\n\r\n", 400, "NUL"},
        {post + "X y: a\r\n\r\n", 400, "a space within a name"},
        {post + ": a\r\n\r\n", 400, "no name"},
        {post + "X\r\n\r\n", 400, "no colon"},
        {"GET / HTTP/1.1\r\n\r\n", 400, "no Host (RFC 9112 3.2)"},
        {get + "Host: other.test\r\n\r\n", 400, "two Hosts"},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "not a host"},
        {"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400, "user information in Host"},
        {"GET  / HTTP/1.1\r\n" + host + "\r\n", 400, "two spaces"},
        {"GET / x HTTP/1.1\r\n" + host + "\r\n", 400, "a space in the target"},
        {"GET /\r\n\r\n", 400, "HTTP/0.9"},
        {"GET / HTTP/1.1 \r\n" + host + "\r\n", 400, "something after the version"},
        {"GET / http/1.1\r\n" + host + "\r\n", 400, "the version in small letters"},
        {"GET / HTTP/2.0\r\n" + host + "\r\n", 505, "a version to come"},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/2 without asking"},
        {"GET / HTTP/0.9\r\n\r\n", 505, "a version gone by"},
        {"G(T / HTTP/1.1\r\n" + host + "\r\n", 400, "not a method"},
        {" GET / HTTP/1.1\r\n" + host + "\r\n", 400, "space before the method"},
        {"\x16\x03\x01\x02", 400, "TLS, at once"},
        {"\r\n\r\n\r\nGET / HTTP/1.1\r\n", 400, "more than one empty line"},
        {get + "Expect: a-miracle\r\n\r\n", 417, "an expectation nobody knows (RFC 9110 10.1.1)"},
        {"GET /" + std::string(head_limit, 'a'), 414, "a target without end"},
        {get + "X: " + std::string(head_limit, 'a'), 431, "a field without end"},
        {get + "X: " + std::string(head_limit, 'a') + "\r\n\r\n", 431, "fields over the limit"},
        {post + "Content-Length: 17\r\n\r\n", 413, "more than the body's limit"},
        {post + "Transfer-Encoding: chunked\r\n\r\n11\r\n", 413, "one chunk more than the limit"},
        {post + "Transfer-Encoding: chunked\r\n\r\nf\r\n012345678901234\r\n2\r\n", 413, "chunks more than the limit"},
        {post + "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400, "not a chunk's size"},
        {post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400, "a chunk longer than it says"},
        {post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n", 400, "a chunk over 64 bits"},
        {post + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", 400, "a length in a trailer"},
        {post + "Transfer-Encoding: chunked\r\n\r\n1;a=\"\n\"\r\nb\r\n", 400, "a line end within an extension"},
        {post + "Transfer-Encoding: chunked\r\n\r\n0x1\r\nb\r\n\r\n", 400, "a size that two parsers read differently"},
    }));
    for (const std::size_t piece : {1UL, 3UL, 100000UL}) {
        CAPTURE(octets, piece, why);
        CHECK(read(octets, piece).status == status);
    }
}

TEST_CASE("the connection is kept when the client wishes it") {
    const auto [octets, keep] = GENERATE(table<std::string, bool>({
        {"GET / HTTP/1.1\r\n" + host + "\r\n", true},                        // HTTP/1.1's own way
        {"GET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", false},  // RFC 9112 9.6
        {"GET / HTTP/1.1\r\n" + host + "Connection: Keep-Alive, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},                           // HTTP/1.0's own way
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},  // RFC 9112 9.3
    }));
    request_reader reader(head_limit);
    REQUIRE(reader.read_head(octets).value().has_value());
    CHECK(reader.get().keep_alive == keep);
}

TEST_CASE("a client that waits for 100 is known by its Expect, its HTTP/1.1 and its body") {
    const auto [octets, expects] = GENERATE(table<std::string, bool>({
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n", true},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\n", false},
        {"GET / HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n\r\n", false},            // nothing to wait with
        {"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", false},  // RFC 9110 10.1.1
    }));
    request_reader reader(head_limit);
    REQUIRE(reader.read_head(octets).value().has_value());
    CHECK(reader.get().expects_continue == expects);
}

TEST_CASE("a trailer cannot sign in for a request that did not") {
    const auto octets =
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Basic YTpi\r\n\r\n";
    request_reader reader(head_limit);
    const auto head = reader.read_head(octets).value().value();
    REQUIRE(reader.begin_body(body_limit).has_value());
    REQUIRE(reader.read_body(std::string_view(octets).substr(head)).has_value());
    REQUIRE(reader.body_done());
    CHECK(reader.get().field(boost::beast::http::field::authorization).empty());
}

}  // namespace request_reader_test
