#include "imap/protocol/responses.hpp"

#include <chrono>

#include "test/catch.hpp"

namespace responses_test {

using namespace postern;
using namespace postern::imap;
using namespace std::string_literals;

TEST_CASE("a string is quoted where that can hold it, else a literal") {
    struct row {
        std::string text;
        bool utf8;
        std::string written;
        std::string why;
    };
    const std::vector<row> rows{
        {"", false, "\"\"", "an empty one"},
        {"a b", false, "\"a b\"", "the rule"},
        {"a\"b\\", false, "\"a\\\"b\\\\\"", "what must be escaped"},
        {"a\tb", false, "\"a\tb\"", "a tab is a character like any other"},
        {"a\r\nb", false, "{4}\r\na\r\nb", "a line end: who could insert one would write responses of his own"},
        {"a\nb", true, "{3}\r\na\nb", "half of one"},
        {"a\0b"s, false, "{3}\r\na b", "NUL, which nothing can hold"},
        {"ä", false, "{2}\r\nä", "beyond ASCII"},
        {"ä", true, "\"ä\"", "once UTF-8 is enabled"},
        {"\xff", true, "{1}\r\n\xff", "but UTF-8 it must be"},
        {std::string(1000, 'x'), false, '"' + std::string(1000, 'x') + '"', "the longest"},
        {std::string(1001, 'x'), false, "{1001}\r\n" + std::string(1001, 'x'), "one more"},
    };
    for (const auto& [text, utf8, written, why] : rows) {
        INFO(why);
        std::string out = "* ";
        write_string(out, text, utf8);
        CHECK(out == "* " + written);
        out.clear();
        write_nstring(out, text, utf8);
        CHECK(out == written);
    }
    std::string out;
    write_nstring(out, std::nullopt);
    CHECK(out == "NIL");
}

TEST_CASE("a mailbox's name is written so that every client can read it") {
    struct row {
        std::string name;
        bool utf8;
        std::string written;
        std::string why;
    };
    const std::vector<row> rows{
        {"INBOX", false, "INBOX", "an atom"},
        {"a]b", false, "a]b", "a bracket is allowed"},
        {"a b", false, "\"a b\"", "a space is not"},
        {"a*", false, "\"a*\"", "nor a wildcard"},
        {"nil", false, "\"nil\"", "which could be taken for nothing"},
        {"", false, "\"\"", "an empty one"},
        {"Entwürfe", false, "Entw&APw-rfe", "modified UTF-7"},
        {"a&b", false, "a&-b", "likewise"},
        {"Entwürfe", true, "\"Entwürfe\"", "UTF-8"},
        {"a&b", true, "a&b", "where an ampersand is one"},
        {"a\r\nb", false, "a&AA0ACg-b", "a line end, if one came in"},
        {"a\r\nb", true, "{4}\r\na\r\nb", "likewise"},
    };
    for (const auto& [name, utf8, written, why] : rows) {
        INFO(why);
        std::string out;
        write_mailbox(out, name, utf8);
        CHECK(out == written);
    }
}

TEST_CASE("flags, dates and sets are written as RFC 9051 has them") {
    std::string out;
    write_flags(out, {});
    write_flags(out, {.keywords = {"$Forwarded", "x"}});
    write_flags(out, {true, true, true, true, true, {"k"}});
    CHECK(out == "()($Forwarded x)(\\Seen \\Flagged \\Answered \\Deleted \\Draft k)");

    using namespace std::chrono_literals;
    out.clear();
    write_internal_date(out, core::timestamp(std::chrono::sys_days(1996y / 7 / 17)) + 2h + 44min + 25s + 999ms);
    write_internal_date(out, core::timestamp(std::chrono::sys_days(2026y / 1 / 2)));
    CHECK(out == "\"17-Jul-1996 02:44:25 +0000\"\" 2-Jan-2026 00:00:00 +0000\"");

    const std::vector<std::pair<std::vector<std::uint32_t>, std::string>> sets{
        {{}, ""},
        {{3}, "3"},
        {{1, 2}, "1:2"},
        {{1, 2, 3, 5, 7, 8}, "1:3,5,7:8"},
        {{1, 3, 5}, "1,3,5"},
        {{4, 4}, "4"},
        {{4294967294, 4294967295}, "4294967294:4294967295"},
    };
    for (const auto& [numbers, written] : sets) {
        out.clear();
        write_set(out, numbers);
        CHECK(out == written);
    }
}

TEST_CASE("an item of FETCH is told under the name it was asked for") {
    using form = section_request::form;
    using piece = section::piece;
    const std::vector<std::pair<section_request, std::string>> rows{
        {{}, "BODY[]"},
        {{.peek = true}, "BODY[]"},
        {{.of = {.part = {1}}}, "BODY[1]"},
        {{.of = {.part = {1, 12}, .what = piece::mime}}, "BODY[1.12.MIME]"},
        {{.of = {.what = piece::header}, .partial = {{5, 10}}}, "BODY[HEADER]<5>"},
        {{.of = {.part = {2}, .what = piece::text}}, "BODY[2.TEXT]"},
        {{.of = {.what = piece::header_fields, .fields = {"From", "a b"}}}, "BODY[HEADER.FIELDS (From \"a b\")]"},
        {{.of = {.part = {3}, .what = piece::header_fields_not, .fields = {"x"}}}, "BODY[3.HEADER.FIELDS.NOT (x)]"},
        {{.of = {.part = {1}}, .spelled = form::binary, .partial = {{0, 1}}}, "BINARY[1]<0>"},
        {{.of = {.part = {1}}, .spelled = form::binary_size}, "BINARY.SIZE[1]"},
        {{.spelled = form::rfc822}, "RFC822"},
        {{.of = {.what = piece::header}, .spelled = form::rfc822_header}, "RFC822.HEADER"},
        {{.of = {.what = piece::text}, .spelled = form::rfc822_text}, "RFC822.TEXT"},
    };
    for (const auto& [request, name] : rows) {
        std::string out;
        write_section_name(out, request);
        CHECK(out == name);
    }
}

}  // namespace responses_test
