#include "smtp/reply.hpp"

#include <string>
#include <vector>

#include "smtp/replies.hpp"
#include "test/catch.hpp"

namespace reply_test {

using namespace postern::smtp;

TEST_CASE("a reply is written with its code on every line") {
    struct row {
        reply r;
        std::string wire;
        std::string why;
    };
    const std::vector<row> rows{
        {{250, {2, 0, 0}, "OK"}, "250 2.0.0 OK\r\n", "one line"},
        {{354, "Go"}, "354 Go\r\n", "no status code in 3yz"},
        {{250, ""}, "250 \r\n", "no text"},
        {{250, {2, 1, 0}, "a\nb\nc"},
         "250-2.1.0 a\r\n250-2.1.0 b\r\n250 2.1.0 c\r\n",
         "the status code on every line (RFC 2034)"},
        {{250, "host\nSIZE 1"}, "250-host\r\n250 SIZE 1\r\n", "EHLO"},
        {{250, "a\n"}, "250-a\r\n250 \r\n", "an empty last line"},
        {{550, {5, 1, 1}, "a\r\n250 OK"}, "550-5.1.1 a?\r\n550 5.1.1 250 OK\r\n", "a reply cannot be forged with CRLF"},
        {{550, {5, 1, 1}, std::string("\0\x1b[0m\xc3\xa4\x7f\t", 9)}, "550 5.1.1 ??[0m???\t\r\n", "only printable ASCII"},
    };
    for (const auto& [r, wire, why] : rows) {
        INFO(why);
        CHECK(to_string(r) == wire);
    }
}

TEST_CASE("no reply line is longer than 512 octets") {
    const reply r{550, {5, 999, 999}, std::string(1200, 'x')};
    std::string rest = to_string(r);
    std::size_t text = 0;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n") + 2);
        CHECK(line.size() <= max_reply_line);
        CHECK(line.starts_with(line.size() == rest.size() ? "550 5.999.999 " : "550-5.999.999 "));
        text += static_cast<std::size_t>(std::count(line.begin(), line.end(), 'x'));
        rest.erase(0, line.size());
    }
    CHECK(text == 1200);
}

TEST_CASE("a refusal is temporary or permanent by its code") {
    CHECK(replies::ok.is_positive());
    CHECK(replies::start_data.is_positive());
    CHECK(replies::unavailable.is_temporary());
    CHECK_FALSE(replies::unavailable.is_permanent());
    CHECK(replies::relaying_denied.is_permanent());
    CHECK_FALSE(replies::relaying_denied.is_positive());
    CHECK(replies::shutting_down.closes());
    CHECK_FALSE(replies::unavailable.closes());
}

TEST_CASE("replies that name something name it") {
    CHECK(to_string(replies::greeting("mx.test")) == "220 mx.test ESMTP Postern\r\n");
    CHECK(to_string(replies::helo("mx.test", "c.test")) == "250 mx.test greets c.test\r\n");
    CHECK(to_string(replies::accepted("42")) == "250 2.0.0 42 accepted\r\n");
    CHECK(to_string(replies::chunk_received(7)) == "250 2.0.0 7 octets received\r\n");
    CHECK(to_string(replies::parameter_unknown("X")) == "555 5.5.4 Parameter X not offered\r\n");
}

}  // namespace reply_test
