#include "smtp/xtext.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"

namespace xtext_test {

using namespace postern::smtp;
using namespace std::string_literals;

TEST_CASE("xtext stands for octets, and the other way round") {
    struct row {
        std::string octets;
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"", "", "nothing"},
        {"QQ314159", "QQ314159", "visible ASCII is itself"},
        {"e=mc2@example.com", "e+3Dmc2@example.com", "RFC 4954 5.1"},
        {"a+b c", "a+2Bb+20c", "plus and space"},
        {"\0\r\n\x7f\xc3\xb6"s, "+00+0D+0A+7F+C3+B6", "what no line may hold"},
        {"!~<>;\"\\", "!~<>;\"\\", "the ends of the range, and what is special elsewhere"},
    };
    for (const auto& [octets, text, why] : rows) {
        INFO(why);
        CHECK(encode_xtext(octets) == text);
        CHECK(decode_xtext(text) == octets);
    }
    CHECK(decode_xtext("+2b+3d") == "+=");  // RFC 4954 section 8: lower case too
    CHECK(decode_xtext("+41") == "A");      // RFC 3461 section 4: may be encoded, need not
}

TEST_CASE("what is not xtext is refused") {
    const std::vector<std::string> bad{
        "+",        "a+",  "+4",  "+4",   "+G0",  "+0G",  "++41",  // no two digits
        "=",        "a=b", "a b", "a\tb", "\r\n", "\x7f",          // outside the range
        "\xc3\xb6", "\0"s, "+-1", "+ 41",
    };
    for (const auto& text : bad) {
        INFO(text);
        CHECK_FALSE(decode_xtext(text));
    }
}

}  // namespace xtext_test
