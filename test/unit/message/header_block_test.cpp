#include "message/header_block.hpp"

#include <string>
#include <vector>

#include "sample.hpp"

namespace header_block_test {

using namespace postern;
using namespace postern::message;
using message::test::crlf;

namespace {

struct outcome {
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

outcome read(const std::string& octets, std::size_t keep = 10'000, const boundary_stack& open = {}) {
    const core::memory_content content(octets);
    octet_window window(content);
    const auto [header, body_begin] = read_header(window, 0, keep, open);
    outcome o;
    for (const auto& field : header.fields()) o.fields.emplace_back(field.name, field.value);
    o.body = octets.substr(static_cast<std::size_t>(body_begin));
    return o;
}

using fields = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("a header ends where RFC 5322 says, or where no header can go on") {
    const auto [octets, expected, body] = GENERATE(table<std::string, fields, std::string>({
        {"A: 1\r\nB: 2\r\n\r\nbody", {{"A", " 1"}, {"B", " 2"}}, "body"},
        {"A: 1\nB: 2\n\nbody", {{"A", " 1"}, {"B", " 2"}}, "body"},     // LF alone, as files have it
        {"A: 1\r\n 2\r\n\t3\r\n\r\n", {{"A", " 1\r\n 2\r\n\t3"}}, ""},  // folded
        {"A: 1", {{"A", " 1"}}, ""},                                    // no body
        {"A : 1\r\n\r\n", {{"A", " 1"}}, ""},                           // RFC 5322 4.5: blank before the colon
        {"A:\r\n\r\n", {{"A", ""}}, ""},
        {"\r\nbody", {}, "body"},  // no header
        {"body without header", {}, "body without header"},
        {"A: 1\r\nno field\r\nB: 2\r\n\r\n", {{"A", " 1"}}, "no field\r\nB: 2\r\n\r\n"},  // the empty line is missing
        {"From alice Mon Nov 23\r\nA: 1\r\n\r\nb", {{"A", " 1"}}, "b"},                   // a mailbox file's mark
        {">From alice Mon Nov 23\r\nA: 1\r\n\r\nb", {{"A", " 1"}}, "b"},
        {" continues nothing\r\nA: 1\r\n\r\nb", {{"A", " 1"}}, "b"},
        {"A: 1\r\n \r\nB: 2\r\n\r\n", {{"A", " 1\r\n "}, {"B", " 2"}}, ""},  // a line of blanks is a continuation
        {"\xe4: 1\r\n\r\n", {}, "\xe4: 1\r\n\r\n"},                          // names are US-ASCII
        {": 1\r\n\r\n", {}, ": 1\r\n\r\n"},
        {"\r\n", {}, ""},
        {"", {}, ""},
    }));
    const auto got = read(octets);
    CHECK(got.fields == expected);
    CHECK(got.body == body);
}

TEST_CASE("a delimiter of an open multipart ends a part's header") {
    boundary_stack open;
    open.open("a:b");
    CHECK(read("X: 1\r\n--a:b\r\nY: 2\r\n\r\n", 1000, open).body == "--a:b\r\nY: 2\r\n\r\n");
    CHECK(read("--a:b--\r\n", 1000, open).body == "--a:b--\r\n");
}

TEST_CASE("of a header too long the beginning is kept and the end is found") {
    std::string octets = "First: 1\r\nLong: ";
    octets.append(100'000, 'x').append("\r\nAfter: 2\r\n\r\nbody");
    const auto got = read(octets, 1000);
    CHECK(got.fields == fields{{"First", " 1"}});
    CHECK(got.body == "body");
    CHECK(read(octets, 200'000).fields.at(1).second.size() < octet_window::capacity);
    CHECK(read(octets, 200'000).fields.at(2).first == "After");
}

TEST_CASE("fields are counted up to a bound and found by name in any case") {
    std::string octets;
    for (int i = 0; i < 3000; ++i) octets += "N: " + std::to_string(i) + "\r\n";
    CHECK(read(octets, 1'000'000).fields.size() == header_block::max_fields);

    const core::memory_content content("To: 1\r\nSUBJECT: 2\r\nsubject: 3\r\n\r\n");
    octet_window window(content);
    const auto header = read_header(window, 0, 1000, {}).header;
    CHECK(header.find("Subject") == " 2");
    CHECK(header.find("Cc").empty());
}

}  // namespace header_block_test
