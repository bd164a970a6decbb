#include "message/field_decoder.hpp"

#include "core/unicode.hpp"
#include "message/gmime_library.hpp"
#include "sample.hpp"

namespace field_decoder_test {

using namespace postern;
using namespace postern::message;
using namespace std::string_literals;

namespace {

std::vector<mailbox_address> addresses(const std::string& header, std::size_t max = 100) {
    start_gmime();
    const auto content = message::test::content_of(header + "\n\n");
    octet_window window(content);
    return decode_addresses(read_header(window, 0, 1'000'000, {}).header, "To", max);
}

using list = std::vector<mailbox_address>;

}  // namespace

TEST_CASE("header text is decoded as RFC 2047 asks, and as far as it can be where it does not") {
    start_gmime();
    const auto [value, text] = GENERATE(table<std::string, std::string>({
        {" plain", "plain"},
        {" folded\r\n text", "folded text"},
        {" =?utf-8?Q?caf=C3=A9_au_lait?=", "café au lait"},
        {" =?UTF-8?b?w6TDtg==?=", "äö"},
        {" =?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},  // blanks between words are not text (6.2)
        {" =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"},
        {" =?utf-8?Q?a?= b", "a b"},
        {" =?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"},  // a character cut in two, against 5 (3)
        {" =?utf-8?B?w6?= =?utf-8?B?k=?=", "é"},    // and base64 cut in two
        {" =?utf-8?Q?two words?=", "two words"},    // a blank within a word
        {" =?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"},
        {" =?utf-8?X?abc?=", "=?utf-8?X?abc?="},
        {" =?x-unknown?Q?caf=E9?=", "café"},
        {" =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=", "日本語"},
        {" =?gb18030?B?xOO6ww==?=", "你好"},
        {" =?iso-8859-1*en?Q?caf=E9?=", "café"},  // RFC 2231 5
        {" caf\xe9", "café"},                     // undeclared
        {" caf\xc3\xa9", "café"},                 // RFC 6532
        {" \x1b$BF|K\\8l\x1b(B", "日本語"},
        {" =?utf-8?Q?a=00b=0D=0Ac?=", "a?b c"},  // controls hidden in a word
        {" =?utf-8?Q?=1B[31m?=", "[31m"},
        {" a\0b"s, "ab"},
        {"", ""},
    }));
    INFO(value);
    CHECK(decode_text(value, 1000) == text);
}

TEST_CASE("text is bounded after decoding, between characters") {
    start_gmime();
    std::string words;
    for (int i = 0; i < 10'000; ++i) words += "=?utf-8?B?w6TDtsO8?= ";
    const auto text = decode_text(words, 998);
    CHECK(text.size() == 998);
    CHECK(core::is_utf8(text));
    CHECK(decode_text(std::string(1'000'000, 'x'), 998).size() == 998);
}

TEST_CASE("addresses are read in every form people and programs write them") {
    const auto [header, expected] = GENERATE(table<std::string, list>({
        {"To: a@example.test", {{"", "a@example.test"}}},
        {"To: Alice <a@x>, \"Doe, John\" <j@x>", {{"Alice", "a@x"}, {"Doe, John", "j@x"}}},
        {"To: <a.b+c_d-e@mail.example.test>", {{"", "a.b+c_d-e@mail.example.test"}}},
        {"To: \"Alice Liddell\" <a@x>", {{"Alice Liddell", "a@x"}}},
        {"To: Alice Liddell\r\n <a@x>", {{"Alice Liddell", "a@x"}}},
        {"To: Alice<a@x>", {{"Alice", "a@x"}}},
        {"To: \"\" <a@x>", {{"", "a@x"}}},
        {"To: a@xn--mnchen-3ya.test", {{"", "a@münchen.test"}}},  // as it is read, not as it travels
        {"To: a@[192.0.2.1] (Comment Name)", {{"Comment Name", "a@[192.0.2.1]"}}},
        // GMime leaks with these, which the leak checker would tell of.
        {"To: a@[192.0.2.1] (no end", {{"", "a@[192.0.2.1]"}}},
        {"To: a@[192.0.2.1] ((no end)", {{"no end", "a@[192.0.2.1]"}}},
        {"To: a@[192.0.2.1] (no \\\\) end\\)", {{"no", "a@[192.0.2.1]"}}},
        {"To: a@x (Comment Name)", {{"Comment Name", "a@x"}}},
        {"To: =?utf-8?Q?Al=C3=AFce?= <a@x>", {{"Alïce", "a@x"}}},
        {"To: \"=?utf-8?Q?Al=C3=AFce?=\" <a@x>", {{"Alïce", "a@x"}}},  // quoted, in spite of RFC 2047 5
        {"To: J\xfcrgen <j@x>", {{"Jürgen", "j@x"}}},
        {"To: <\xc3\xa4@\xc3\xb6.test>", {{"", "ä@ö.test"}}},                           // RFC 6532
        {"To: Friends: a@x, B <b@x>;, c@x", {{"", "a@x"}, {"B", "b@x"}, {"", "c@x"}}},  // RFC 5322 3.4
        {"To: undisclosed-recipients:;", {}},
        {"To: undisclosed-recipients:", {}},
        {"To: <@relay,@other:a@x>", {{"", "a@x"}}},                 // RFC 5322 4.4
        {"To: a@x\nCc: c@x\nTo: b@x", {{"", "a@x"}, {"", "b@x"}}},  // a field twice, against 3.6
        {"To: a@x,, ,b@x", {{"", "a@x"}, {"", "b@x"}}},
        {"To: alice", {{"", "alice"}}},
        {"To: not an address", {{"not an address", ""}}},
        {"To: \"a\x01\tb\" <a@x>", {{"a b", "a@x"}}},
        {"To:", {}},
        {"X: y", {}},
    }));
    INFO(header);
    CHECK(addresses(header) == expected);
}

TEST_CASE("address lists are bounded") {
    std::string header = "To: ";
    for (int i = 0; i < 5000; ++i) header += "user" + std::to_string(i) + "@example.test,\n ";
    const auto read = addresses(header);
    REQUIRE(read.size() == 100);
    CHECK(read.back().address == "user99@example.test");
    CHECK(addresses(header, 1000).size() == 1000);
    CHECK(addresses(header + '\n' + header, 1).size() == 1);

    const auto huge = addresses("To: \"" + std::string(3000, 'n') + "\" <" + std::string(900, 'a') + "@x>");
    REQUIRE(huge.size() == 1);
    CHECK(huge.front().name.size() == 512);
    CHECK(huge.front().address.size() == 320);
}

TEST_CASE("address lists made to exhaust the stack or the clock are read like any other") {
    const std::string unit = GENERATE("a:", "(", "\"", "<", "<@", "[", "\\", ",", ";", "@", "=?a?b?", "a:(<");
    std::string header = "To: ";
    while (header.size() < 65'000) header += unit;
    const auto read = addresses(header);
    CHECK(read.size() <= 100);
}

TEST_CASE("dates are read in every form programs write them, and nonsense is no date") {
    start_gmime();
    const auto [value, expected] = GENERATE(table<std::string, std::string>({
        {" Mon, 23 Nov 2026 05:10:00 +0200", "2026-11-23T03:10:00Z"},
        {" 23 Nov 2026 05:10 +0000", "2026-11-23T05:10:00Z"},
        {" Mon, 2 Nov 2026 05:10:00 -0030", "2026-11-02T05:40:00Z"},
        {" Sun, 29 Feb 2026 05:10:00 +0000", "-"},
        {" Mon, 23 Nov 2026 05:10:00 +0200 and more", "2026-11-23T03:10:00Z"},
        {" Mon, 23 ovD 2026 05:10:00 +0200", "-"},  // not "Nov" and the beginning of "Dec"
        {" Mon, 23 Nov 2026 24:10:00 +0200", "-"},
        {" Mon, 23 Nov 2026 05:10:00 GMT", "2026-11-23T05:10:00Z"},
        {" Mon, 23 Nov 2026 05:10:00 -0500 (EST)", "2026-11-23T10:10:00Z"},
        {" Mon,\r\n 23 Nov 2026 05:10:00 +0000", "2026-11-23T05:10:00Z"},
        {" Mon, 23 Nov 98 05:10:00 +0000", "1998-11-23T05:10:00Z"},  // RFC 5322 4.3
        {" Mon, 23 Nov 99999 05:10:00 +0000", "-"},
        {" Mon, 23 Nov 1066 05:10:00 +0000", "-"},
        {" Thu, 01 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z"},
        {" Wed, 31 Dec 1969 23:59:59 +0000", "-"},  // before what a list can show
        {" Mon, 99 Foo 2026 99:99:99 +9999", "-"},
        {" yesterday", "-"},
        {" ", "-"},
        {"", "-"},
        {" \0\xff"s, "-"},
    }));
    INFO(value);
    const auto date = decode_date(value);
    CHECK((date ? core::to_rfc3339(*date) : "-") == expected);
}

TEST_CASE("message ids are found in whatever surrounds them") {
    const auto [value, ids] = GENERATE(table<std::string, std::vector<std::string>>({
        {" <a@b>", {"a@b"}},
        {" <a@b> <c@d>\r\n\t<e@f>", {"a@b", "c@d", "e@f"}},
        {" <a@b><c@d>", {"a@b", "c@d"}},
        {" Your message of \"today\" <a@b>", {"a@b"}},  // RFC 5322 4.5.4
        {" bare@id", {"bare@id"}},
        {" <folded\r\n @id>", {"folded@id"}},
        {" <unclosed@id", {"unclosed@id"}},
        {" <a@b <c@d>", {"a@b", "c@d"}},
        {" <>", {}},
        {" <a\x01@b>", {"a@b"}},
        {"", {}},
    }));
    INFO(value);
    CHECK(decode_ids(value, 100) == ids);
}

TEST_CASE("message ids are bounded in number and length") {
    std::string value;
    for (int i = 0; i < 1000; ++i) value += "<a@b> ";
    CHECK(decode_ids(value, 100).size() == 100);
    CHECK(decode_ids("<" + std::string(5000, 'x') + ">", 1).front().size() == 998);
}

}  // namespace field_decoder_test
