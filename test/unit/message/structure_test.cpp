#include "message/structure.hpp"

#include <string>
#include <vector>

#include "sample.hpp"

namespace structure_test {

using namespace postern;
using namespace postern::message;
using message::test::crlf;
using message::test::distant_content;

namespace {

/// The structure as one line per part, indented by depth: "text/plain [body]"; the bodies of multiparts are left out.
std::string outline(const core::content& content) {
    octet_window window(content);
    const auto message = walk(window);
    const auto octets = core::read_all(content);
    std::string lines;
    for (const auto& p : message.parts()) {
        for (auto above = p.parent; above != part::no_parent; above = message.parts()[above].parent) lines += ' ';
        lines += p.type + '/' + p.subtype;
        REQUIRE(p.body.begin <= p.body.end);
        if (!p.opened) lines += " [" + octets.substr(p.body.begin, p.body.end - p.body.begin) + ']';
        lines += '\n';
    }
    return lines;
}

std::string mixed(std::string_view body) { return crlf("Content-Type: multipart/mixed; boundary=b\n\n") + crlf(body); }

}  // namespace

TEST_CASE("the parts of a message lie where RFC 2046 says, or where they must be meant to") {
    const auto [octets, expected] = GENERATE(table<std::string, std::string>({
        {"", "text/plain []\n"},
        {"\r\n", "text/plain []\n"},
        {crlf("Subject: x\n\nhello\n"), "text/plain [hello\r\n]\n"},
        {mixed("preamble\n--b\n\none\n--b\nContent-Type: image/png\n\ntwo\n--b--\nepilogue\n"),
         "multipart/mixed\n text/plain [one]\n image/png [two]\n"},
        {mixed("--b\n\none\n--b  \t\n\ntwo\n--b-- \n"), "multipart/mixed\n text/plain [one]\n text/plain [two]\n"},  // padding
        {mixed("--b\n\none\n--bc\n--b---\n --b\nx--b\n--b--"),
         "multipart/mixed\n text/plain [one\r\n--bc\r\n--b---\r\n --b\r\nx--b]\n"},
        {mixed("--b\n\none\n"), "multipart/mixed\n text/plain [one\r\n]\n"},                      // never closed
        {mixed("--b\n--b\nX: y\n--b--\n"), "multipart/mixed\n text/plain []\n text/plain []\n"},  // no body, no empty line
        {mixed("--b\n\n--b--\n--b\n\nafter the end\n"), "multipart/mixed\n text/plain []\n"},
        {mixed("no delimiter at all\n"), "text/plain [no delimiter at all\r\n]\n"},
        {mixed(""), "text/plain []\n"},
        {mixed("--b--\n"), "text/plain []\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n", "multipart/mixed\n text/plain [one]\n"},  // LF
        {crlf("Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n"), "text/plain [--b\r\n\r\none\r\n--b--\r\n]\n"},
        {crlf("Content-Type: multipart/mixed; boundary=\"a b:c\"\n\n--a b:c\n\none\n--a b:c--\n"),
         "multipart/mixed\n text/plain [one]\n"},
        {crlf("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: 1\n\none\n--b--\n"),
         "multipart/digest\n message/rfc822 [Subject: 1\r\n\r\none]\n"},  // RFC 2046 5.1.5
        {mixed("--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n"),
         "multipart/mixed\n multipart/alternative\n  text/plain [one]\n text/plain [two]\n"},  // the inner one is not closed
        {mixed("--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n"),
         "multipart/mixed\n multipart/alternative\n  text/plain [one]\n text/plain [two]\n"},  // one boundary for both
        {mixed("--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nin\n--c--\n--b--\n"),
         "multipart/mixed\n message/rfc822 [Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nin\r\n--c--]\n"},
        {mixed("--b\nContent-Type: multipart/mixed; boundary=c\n\nnothing\n--b--\n"),
         "multipart/mixed\n text/plain [nothing]\n"},
    }));
    INFO(octets);
    CHECK(outline(core::memory_content(octets)) == expected);
    CHECK(outline(distant_content(octets)) == expected);
}

TEST_CASE("delimiters are found across the pieces in which content is read") {
    const auto shift = GENERATE(range(0, 12));
    std::string body(octet_window::capacity - 60 + static_cast<std::size_t>(shift), 'x');
    const auto octets = mixed("--b\n\n" + body + "\n--b\n\ntwo\n--b--\n");
    CHECK(outline(distant_content(octets)) == "multipart/mixed\n text/plain [" + body + "]\n text/plain [two]\n");
}

TEST_CASE("lines of dashes are no delimiters, wherever they end") {
    const std::string dashes(3000, '-');
    const auto octets = mixed("--b\n\n" + dashes + "\n--\n-\n---\n--b\n\ntwo\n--b--\n");
    CHECK(outline(core::memory_content(octets)) ==
          "multipart/mixed\n text/plain [" + dashes + "\r\n--\r\n-\r\n---]\n text/plain [two]\n");
}

TEST_CASE("a walk can be ended before the message is") {
    const auto octets = mixed("--b\n\none\n--b\n\n" + std::string(10'000, 'x') + "\n--b\n\nthree\n--b--\n");
    const core::memory_content content(octets);
    octet_window window(content);
    structure message(window, 1000);
    while (message.next()) {
    }
    REQUIRE(message.parts().size() == 3);
    CHECK(message.parts()[2].body.end == octets.size());
}

}  // namespace structure_test
