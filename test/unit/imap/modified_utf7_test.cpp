#include "imap/protocol/responses.hpp"
#include "test/catch.hpp"

namespace modified_utf7_test {

using namespace postern::imap;
using namespace std::string_literals;

TEST_CASE("a mailbox's name is spelled in modified UTF-7 in one way") {
    struct row {
        std::string utf8;
        std::string utf7;
        std::string why;
    };
    const std::vector<row> rows{
        {"", "", "nothing"},
        {"INBOX/a b~", "INBOX/a b~", "printable ASCII stands for itself"},
        {"a&b", "a&-b", "but for the ampersand"},
        {"&&", "&-&-", "two of them"},
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "the example of RFC 3501 5.1.3"},
        {"Entwürfe", "Entw&APw-rfe", "two octets of UTF-8"},
        {"☺!", "&Jjo-!", "three; example of RFC 2152"},
        {"😀", "&2D3eAA-", "four: a pair of surrogates"},
        {"é&", "&AOk-&-", "an ampersand behind a run"},
        {"ééé", "&AOkA6QDp-", "48 bits: nothing left over"},
        {"\t", "&AAk-", "a control character is not printable"},
        {"\x7f", "&AH8-", "nor is DEL"},
        {"\0"s, "&AAA-", "nor NUL"},
    };
    for (const auto& [utf8, utf7, why] : rows) {
        INFO(why);
        CHECK(to_modified_utf7(utf8) == utf7);
        CHECK(from_modified_utf7(utf7) == utf8);
    }
}

TEST_CASE("what no encoder of modified UTF-7 makes is not decoded") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"é", "octets beyond ASCII"},
        {"a\tb", "a control character as it is"},
        {"\x7f", "DEL as it is"},
        {"&", "no end"},
        {"&AOk", "no end of a run"},
        {"&AO k-", "no digit of base64"},
        {"&AO/k-", "a slash is none here"},
        {"&A-", "less than a code unit"},
        {"&AO-", "likewise, twelve bits"},
        {"&AOkA-", "a digit too many"},
        {"&AOl-", "bits in what is left over"},
        {"&AOk=-", "padding"},
        {"&AGE-", "a letter that can stand for itself"},
        {"&ACY-", "so can the ampersand, as &-"},
        {"&2D0-", "half a pair at the end"},
        {"&2D0A6Q-", "half a pair, then another character"},
        {"&3gA-", "the second half alone"},
        {"&2D3YPQ-", "two first halves"},
        {"&U,BTFw-&ZeVnLIqe-", "two runs in a row (RFC 3501 5.1.3)"},
    };
    for (const auto& [utf7, why] : rows) {
        INFO(why);
        CHECK_FALSE(from_modified_utf7(utf7));
    }
}

TEST_CASE("octets that are no UTF-8 are mended before they are encoded") {
    CHECK(to_modified_utf7("a\xff") == "a&,,0-");  // U+FFFD
}

}  // namespace modified_utf7_test
