#include <string>
#include <vector>

#include "message/mime_tree.hpp"
#include "sample.hpp"

namespace field_selection_test {

using namespace postern;
using namespace postern::message;
using message::test::crlf;
using message::test::distant_content;

namespace {

using names = std::vector<std::string>;

std::string select(const std::string& octets, const names& wanted, bool others) {
    const core::memory_content content(octets);
    const auto root = read_tree(content);
    const octet_range header{.begin = root.header_begin, .end = root.body_begin};
    auto selected = select_fields(content, header, wanted, others);
    CHECK(select_fields(distant_content(octets), header, wanted, others) == selected);
    return selected;
}

}  // namespace

TEST_CASE("fields are selected with their folds, whatever their case, in the order of the header") {
    const auto octets = crlf("Subject: a\n b\n\tc\nFrom: x@y\nsubject : second\nTo: z\n  @w\nSubjects: no\n\nSubject: body\n");
    CHECK(select(octets, {"SUBJECT"}, false) == crlf("Subject: a\n b\n\tc\nsubject : second\n\n"));
    CHECK(select(octets, {"To", "from"}, false) == crlf("From: x@y\nTo: z\n  @w\n\n"));
    CHECK(select(octets, {"subject"}, true) == crlf("From: x@y\nTo: z\n  @w\nSubjects: no\n\n"));
    CHECK(select(octets, {"Date", "Subj"}, false) == "\r\n");
    CHECK(select(octets, {"Subject", "Subjects", "To", "From"}, true) == "\r\n");
}

TEST_CASE("a selection ends with an empty line whatever the header ends with") {
    CHECK(select("", {"A"}, false) == "\r\n");
    CHECK(select("A: 1", {"A"}, false) == "A: 1\r\n\r\n");             // the message ends within it
    CHECK(select("A: 1\r\nB: 2\r\n", {"A"}, true) == "B: 2\r\n\r\n");  // there is no body
    CHECK(select("A: 1\r\nno field\r\nB: 2\r\n\r\n", {"A"}, true) == "\r\n");
    CHECK(select(" folded\r\nA: 1\r\n\r\n", {"A"}, true) == "\r\n");  // belongs to no field
    CHECK(select("From x Mon Nov 23\r\nA: 1\r\n\r\n", {"B"}, true) == "A: 1\r\n\r\n");
}

TEST_CASE("fields of a message within the message are selected by its header's place") {
    const core::memory_content content(crlf("Content-Type: message/rfc822\nA: outer\n\nA: inner\nB: 2\n\nA: body\n"));
    const auto root = read_tree(content);
    const auto& inner = root.children.at(0);
    const names wanted{"a"};
    CHECK(select_fields(content, {.begin = inner.header_begin, .end = inner.body_begin}, wanted, false) ==
          crlf("A: inner\n\n"));
}

TEST_CASE("a selection is bounded, whole lines at a time") {
    std::string octets;
    for (int i = 0; i < 5000; ++i) octets += "A: " + std::string(95, 'x') + "\r\n";
    const auto selected = select(octets + "\r\n", {"a"}, false);
    CHECK(selected.size() <= 256UL * 1024 + 2);
    CHECK(selected.size() > 256UL * 1024 - 100);
    CHECK(selected.ends_with("x\r\n\r\n"));
    const auto line = "B: " + std::string(200'000, 'y') + "\r\n";
    CHECK(select(line + "\r\n", {"b"}, false) == line + "\r\n");
    CHECK(select("A: " + std::string(200'000, 'y') + "\r\nB: 1\r\n\r\n", {"b"}, false) == "B: 1\r\n\r\n");
}

TEST_CASE("a range beyond the message's end selects what there is") {
    const core::memory_content content("A: 1\r\n");
    const names wanted{"A"};
    CHECK(select_fields(content, {.begin = 0, .end = 1000}, wanted, false) == "A: 1\r\n\r\n");
    CHECK(select_fields(content, {.begin = 500, .end = 1000}, wanted, false) == "\r\n");
}

}  // namespace field_selection_test
