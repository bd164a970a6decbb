#include "message/submission_filter.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"

namespace submission_filter_test {

using namespace postern;
using namespace postern::message;
using fault = submission_edit::fault;

namespace {

struct outcome {
    std::string octets;
    submission_edit edit;
};

outcome pass(std::string_view octets, std::size_t piece) {
    std::string out;
    submission_filter filter({.now = {}, .unique = "u", .domain = "d.test", .sender = "s@d.test"},
                             [&out](std::string_view given) { out += given; });
    for (std::size_t at = 0; at < octets.size(); at += piece) filter.append(octets.substr(at, piece));
    filter.finish();
    return {std::move(out), filter.edit()};
}

const std::string date = "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n";
const std::string from = "From: s@d.test\r\n";
const std::string id = "Message-ID: <u@d.test>\r\n";
const std::string all = date + from + id;

}  // namespace

TEST_CASE("a submitted message is edited as it passes, however it is cut") {
    struct row {
        std::string octets;
        std::string expected;
        std::string why;
    };
    const std::string own = "Date: x\r\nFrom: a@b\r\nMessage-ID: <x@y>\r\n";
    const std::string long_line(3000, 'x');
    const std::vector<row> rows{
        {own + "\r\nBcc: body\r\n\r\nmore\r\n", own + "\r\nBcc: body\r\n\r\nmore\r\n", "nothing to do; a body is no header"},
        {"Bcc: b\r\n" + own + "Bcc: c,\r\n d\r\nTo: e\r\n\r\nbody", own + "To: e\r\n\r\nbody", "blind copies"},
        {"Subject: x\r\n\r\nbody\r\n", all + "Subject: x\r\n\r\nbody\r\n", "fields added"},
        {own, own, "a header alone"},
        {own + "Bcc: x", own, "without a last line end"},
        {"\r\nbody\r\n", all + "\r\nbody\r\n", "an empty header"},
        {"body\r\n", all + "\r\nbody\r\n", "no header: what we add must not swallow the text"},
        {"body", all + "\r\nbody", "likewise"},
        {long_line, all + "\r\n" + long_line, "one long line of text"},
        {"", all, "nothing at all"},
        {"Subject: x\r\nbody\r\nBcc: b\r\n", all + "Subject: x\r\nbody\r\nBcc: b\r\n",
         "a body without an empty line before it"},
        {own + "X: " + long_line + "\r\nBcc: " + long_line + "\r\n\r\n", own + "X: " + long_line + "\r\n\r\n", "long fields"},
        {own + "\nBcc: x\n", own + "\nBcc: x\n", "an empty line of LF alone"},
        {own + long_line + ": x\r\nBcc: b\r\n\r\n", own + long_line + ": x\r\nBcc: b\r\n\r\n", "a name longer than decides"},
    };
    for (const auto& [octets, expected, why] : rows) {
        for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 999UL, 1000UL, 1001UL, 100000UL}) {
            INFO(why << ", in pieces of " << piece);
            const auto done = pass(octets, piece);
            CHECK(done.octets == expected);
            CHECK(done.edit.found == fault::none);
        }
    }
}

TEST_CASE("a header section beyond its bound is a fault, and nothing of it goes out") {
    std::string header = "Date: x\r\nFrom: a@b\r\nMessage-ID: <x@y>\r\n";
    while (header.size() < submission_filter::max_header - 1000) header += "X: " + std::string(900, 'y') + "\r\n";
    const auto rest = submission_filter::max_header - header.size();
    const auto exact = header + "X: " + std::string(rest - 5, 'y') + "\r\n";
    const auto beyond = header + "X: " + std::string(rest - 4, 'y') + "\r\n";
    REQUIRE(exact.size() == submission_filter::max_header);
    for (const std::size_t piece : {1000UL, 4096UL, 10000000UL}) {
        INFO(piece);
        const std::string body(submission_filter::max_header, 'z');
        CHECK(pass(exact + "\r\n" + body, piece).octets == exact + "\r\n" + body);
        const auto refused = pass(beyond + "\r\n" + body, piece);
        CHECK(refused.octets.empty());
        CHECK(refused.edit.found == fault::header_too_large);
        const auto endless = pass("X: " + body + body, piece);
        CHECK(endless.octets.empty());
        CHECK(endless.edit.found == fault::header_too_large);
    }
}

TEST_CASE("what was found is told in the end") {
    CHECK(pass("From: a@x\r\nFrom: b@y\r\n\r\nbody", 5).edit.found == fault::several_from);
    CHECK(pass("From: a@x\r\nSender: b@y\r\n\r\nbody", 5).edit.senders == std::vector<std::string>{"b@y"});
}

}  // namespace submission_filter_test
