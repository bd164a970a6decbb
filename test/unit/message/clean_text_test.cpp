#include "message/clean_text.hpp"

#include "core/unicode.hpp"
#include "test/catch.hpp"

namespace clean_text_test {

using namespace postern::message;
using namespace std::string_literals;

TEST_CASE("a clean line holds no break, no control character and no broken UTF-8") {
    const auto [text, line] = GENERATE(table<std::string, std::string>({
        {"plain", "plain"},
        {"  both ends \t", "both ends"},
        {"folded\r\n\tline", "folded line"},    // RFC 5322 2.2.3, and the tab with it
        {"two  spaces", "two  spaces"},         // are the sender's own
        {"a\0b\x01\x1b[31mc\x7f"s, "ab[31mc"},  // NUL stops a C string, ESC colours a terminal
        {"a\xc2\x85\xc2\x9b"
         "b",
         "ab"},                                    // C1 controls, in UTF-8
        {"caf\xe9 x", "caf\xef\xbf\xbd x"},        // an octet that is not UTF-8
        {"\xed\xa0\x80", "\xef\xbf\xbd"},          // a surrogate
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},  // an overlong slash
        {"end\xe2\x82", "end\xef\xbf\xbd"},        // cut within a character
        {"\xf0\x9f\x93\xac", "\xf0\x9f\x93\xac"},  // four octets
        {"", ""},
    }));
    CHECK(clean_line(text, 1000) == line);
    CHECK(postern::core::is_utf8(line));
}

TEST_CASE("a line is cut between characters") {
    CHECK(clean_line("a\xc3\xa4\xc3\xb6", 5) == "a\xc3\xa4\xc3\xb6");
    CHECK(clean_line("a\xc3\xa4\xc3\xb6", 4) == "a\xc3\xa4");
    CHECK(clean_line("a\xc3\xa4\xc3\xb6", 3) == "a\xc3\xa4");
    CHECK(clean_line("a\xc3\xa4\xc3\xb6", 2) == "a");
    CHECK(clean_line("ab cd", 3) == "ab");  // and does not end in a space
    CHECK(clean_line("abc", 0).empty());
}

TEST_CASE("clean lines end in LF and keep tabs") {
    const auto [text, lines] = GENERATE(table<std::string, std::string>({
        {"a\r\nb\nc\rd", "a\nb\nc\nd"},
        {"a\r\r\nb", "a\n\nb"},
        {"a\tb\0c\x0c"s, "a\tbc"},
        {"caf\xe9\r\n", "caf\xef\xbf\xbd\n"},
        {"\xc2\x9bx", "x"},
        {"", ""},
    }));
    CHECK(clean_lines(text) == lines);
}

TEST_CASE("what is not plain is found wherever it stands in long text") {
    for (std::size_t at = 0; at < 100; ++at) {
        std::string text(100, 'x');
        text[at] = '\x01';
        CHECK(clean_line(text, 1000) == std::string(99, 'x'));
        CHECK(clean_lines(text) == std::string(99, 'x'));
        text[at] = '\xe9';
        CHECK(clean_lines(text) == std::string(at, 'x') + "\xef\xbf\xbd" + std::string(99 - at, 'x'));
    }
}

}  // namespace clean_text_test
