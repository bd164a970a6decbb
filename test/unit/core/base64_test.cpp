#include "core/base64.hpp"

#include <string>

#include "test/catch.hpp"

namespace base64_test {

using namespace postern::core;
using namespace std::string_literals;

TEST_CASE("base64 is written and read as in RFC 4648 section 10") {
    const auto [octets, text] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\0\xff\xfe\xfb\xf0"s, "AP/++/A="},
        {"Username:", "VXNlcm5hbWU6"},
    }));
    CAPTURE(octets);
    CHECK(encode_base64(octets) == text);
    CHECK(decode_base64(text) == octets);
}

TEST_CASE("what is not base64 is refused") {
    const auto [text, why] = GENERATE(table<std::string, std::string>({
        {"Zg", "no padding"},
        {"Zg=", "too little padding"},
        {"Zg==\n", "a line end"},
        {"Zm 9", "a space"},
        {"=AAA", "padding at the start (RFC 4954 section 4)"},
        {"AAA=BBB=", "padding in the middle (RFC 4954 section 4)"},
        {"====", "only padding"},
        {"A===", "three octets of it"},
        {"Zh==", "bits that padding leaves over"},
        {"Zm9=", "likewise"},
        {"Zm-_", "another alphabet"},
        {"Zm9\xc3", "beyond ASCII"},
        {"Zm9\0"s, "NUL"},
        {"*", "SMTP's cancellation"},
    }));
    CAPTURE(text, why);
    CHECK_FALSE(decode_base64(text));
}

TEST_CASE("every octet string comes back") {
    std::string octets;
    for (int i = 0; i < 600; ++i) {
        CHECK(decode_base64(encode_base64(octets)) == octets);
        octets += static_cast<char>(i * 7);
    }
}

}  // namespace base64_test
