#include "smtp/dsn_parameters.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"

namespace dsn_parameters_test {

using namespace postern::smtp;
using namespace std::string_literals;

TEST_CASE("RET says how much comes back") {
    CHECK(parse_ret("FULL") == dsn_return::full);
    CHECK(parse_ret("hdrs") == dsn_return::headers);
    for (const auto* bad : {"", "NONE", "FULLY", "FUL", "FULL,HDRS"}) CHECK_FALSE(parse_ret(bad));
    CHECK(to_string(dsn_return::full) == "FULL");
    CHECK(to_string(dsn_return::headers) == "HDRS");
    CHECK(to_string(dsn_return::unspecified).empty());
}

TEST_CASE("NOTIFY is NEVER, or a list") {
    struct row {
        std::string value;
        dsn_notify notify;
        std::string written;
    };
    const std::vector<row> rows{
        {"NEVER", {.given = true, .never = true}, "NEVER"},
        {"never", {.given = true, .never = true}, "NEVER"},
        {"SUCCESS", {.given = true, .success = true}, "SUCCESS"},
        {"Failure", {.given = true, .failure = true}, "FAILURE"},
        {"DELAY", {.given = true, .delay = true}, "DELAY"},
        {"DELAY,success,FAILURE", {.given = true, .success = true, .failure = true, .delay = true}, "SUCCESS,FAILURE,DELAY"},
        {"DELAY,DELAY", {.given = true, .delay = true}, "DELAY"},
    };
    for (const auto& [value, notify, written] : rows) {
        INFO(value);
        REQUIRE(parse_notify(value));
        CHECK(*parse_notify(value) == notify);
        CHECK(to_string(notify) == written);
    }
    CHECK(to_string(dsn_notify{}).empty());
    const std::vector<std::string> bad{
        "",         "NEVER,SUCCESS", "SUCCESS,NEVER", "NEVER,NEVER", "SUCCESS,",
        ",SUCCESS", "SUCCESS;DELAY", "SUCCES",        "ALWAYS",      "SUCCESS,,DELAY",
    };
    for (const auto& value : bad) {
        INFO(value);
        CHECK_FALSE(parse_notify(value));
    }
}

TEST_CASE("ENVID is xtext of printable ASCII, at most 100 octets") {
    CHECK(parse_envid("QQ314159") == "QQ314159");
    CHECK(parse_envid("a+20b+2Bc+3D") == "a b+c=");
    CHECK(parse_envid(std::string(max_envid, 'x')) == std::string(max_envid, 'x'));
    const std::vector<std::string> bad{
        std::string(max_envid + 1, 'x'),  // RFC 3461 4.4
        "",
        "a+0D+0ABcc:+20x",  // would write a header of its own
        "a+00",
        "+C3+B6",
        "a+7F",
        "a+4",
    };
    for (const auto& value : bad) {
        INFO(value);
        CHECK_FALSE(parse_envid(value));
    }
}

TEST_CASE("ORCPT is read decoded, with its type") {
    struct row {
        std::string value;
        std::string decoded;
        std::string why;
    };
    const auto long_address = std::string(max_orcpt - 7, 'x');
    const std::vector<row> rows{
        {"rfc822;Carol@Ivory.EDU", "rfc822;Carol@Ivory.EDU", "RFC 3461 10.2"},
        {"RFC822;a+2Btag@x", "RFC822;a+tag@x", "xtext"},
        {"x400;/S+3Da+20b/", "x400;/S=a b/", "another type"},
        {"rfc822;no-address", "rfc822;no-address", "RFC 3461 4.2: need not be one"},
        {"rfc822;\"a;b\"@x", "rfc822;\"a;b\"@x", "the first semicolon divides"},
        {"rfc822;" + long_address, "rfc822;" + long_address, "500 octets"},
        {"utf-8;user@example.org", "utf-8;user@example.org", "ASCII"},
        {"utf-8;d\xc3\xb6@b", "utf-8;d\xc3\xb6@b", "utf-8-address"},
        {"UTF-8;d\\x{F6}@b", "UTF-8;d\xc3\xb6@b", "utf-8-addr-xtext"},
        {"utf-8;\\x{1F600}\xc3\xb6@b", "utf-8;\xf0\x9f\x98\x80\xc3\xb6@b", "utf-8-addr-unitext"},
        {"utf-8;\\x{20}\\x{2b}\\x{3D}\\x{5C}@b", "utf-8; +=\\@b", "what xtext would have encoded"},
        {"utf-8;\\x{10FFFF}@b", "utf-8;\xf4\x8f\xbf\xbf@b", "the last code point"},
    };
    for (const auto& [value, decoded, why] : rows) {
        INFO(why << ": " << value);
        CHECK(parse_orcpt(value, true) == decoded);
    }
}

TEST_CASE("a bad ORCPT is refused") {
    struct row {
        std::string value;
        std::string why;
    };
    const std::vector<row> rows{
        {"", "nothing"},
        {"a@b", "no type"},
        {";a@b", "an empty type"},
        {"rfc822;", "no address"},
        {"rfc 822;a@b", "no atom"},
        {"rf(c;a@b", "no atom"},
        {"rf\xc3\xb6;a@b", "no ASCII"},
        {"rfc822;a=b", "no xtext"},
        {"rfc822;a+0D+0ABcc:x", "would write a header of its own"},
        {"rfc822;a+00", "NUL"},
        {"rfc822;+C3+B6@b", "beyond ASCII without the type for it"},
        {"rfc822;\xc3\xb6@b", "likewise, raw"},
        {"rfc822;" + std::string(max_orcpt - 6, 'x'), "501 octets (RFC 3461 4.2)"},
        {"utf-8;a+40b", "xtext has no place in unitext (RFC 6533 section 3)"},
        {"utf-8;a=b", "likewise"},
        {"utf-8;a b", "a space"},
        {"utf-8;a\\b", "a backslash alone"},
        {"utf-8;a\\", "at the end"},
        {"utf-8;\\x{}", "no digits"},
        {"utf-8;\\x{F", "no end"},
        {"utf-8;\\x{F6", "no end"},
        {"utf-8;\\x{G0}", "no digits"},
        {"utf-8;\\x{-1}", "a sign"},
        {"utf-8;\\x{0F6}", "a leading zero"},
        {"utf-8;\\x{41}", "a character that stands for itself"},
        {"utf-8;\\x{A}", "one digit"},
        {"utf-8;\\x{0A}", "a line end"},
        {"utf-8;\\x{7F}", "DEL"},
        {"utf-8;\\x{85}", "a line end beyond ASCII"},
        {"utf-8;\xc2\x85", "the same, raw"},
        {"utf-8;\\x{D800}", "a surrogate"},
        {"utf-8;\\x{110000}", "beyond Unicode"},
        {"utf-8;\\x{FFFFFFFFF}", "beyond 32 bits"},
        {"utf-8;\xff@b", "no UTF-8"},
    };
    for (const auto& [value, why] : rows) {
        INFO(why << ": " << value);
        CHECK_FALSE(parse_orcpt(value, true));
    }
    CHECK_FALSE(parse_orcpt("utf-8;\xc3\xb6@b", false));
    CHECK(parse_orcpt("utf-8;\\x{F6}@b", false) == "utf-8;\xc3\xb6@b");
}

TEST_CASE("ORCPT is written in the form the next host takes") {
    CHECK(encode_orcpt("rfc822;a+b@x", true) == "rfc822;a+2Bb@x");
    CHECK(encode_orcpt("rfc822;a b@x", false) == "rfc822;a+20b@x");
    CHECK(encode_orcpt("utf-8;d\xc3\xb6 +@b", true) == "utf-8;d\xc3\xb6\\x{20}\\x{2B}@b");
    CHECK(encode_orcpt("utf-8;d\xc3\xb6\\\xf0\x9f\x98\x80@b", false) == "utf-8;d\\x{F6}\\x{5C}\\x{1F600}@b");
    CHECK(encode_orcpt("no type", false).empty());
}

}  // namespace dsn_parameters_test
