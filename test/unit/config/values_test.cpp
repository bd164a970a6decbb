#include "config/values.hpp"

#include <cstdint>
#include <string>

#include "test/catch.hpp"

namespace values_test {

using namespace postern::config;
using namespace std::chrono_literals;

namespace {

/// "wrong: ..." for a refusal, so that a table can hold both kinds of outcome.
template <class T, class Format>
std::string outcome(const parsed<T>& value, Format format) {
    return value ? std::string(format(*value)) : "wrong: " + value.error();
}

}  // namespace

TEST_CASE("a network is an address and the length of its prefix") {
    CHECK(parse_networks("none").value().empty());
    CHECK(parse_networks("192.0.2.0/24, 2001:DB8::/32").value() == std::vector<std::string>{"192.0.2.0/24", "2001:db8::/32"});
    for (const auto* text :
         {"192.0.2.0", "192.0.2.0/33", "::1/129", "host/8", "192.0.2.0/", "/8", "192.0.2.0/-1", "192.0.2.0/8/8"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_networks(text).has_value());
    }
}

TEST_CASE("an integer is decimal digits and nothing else") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"0", "0"},
        {"1000", "1000"},
        {"18446744073709551615", "18446744073709551615"},
        {"18446744073709551616", "wrong: is too large"},
        {"", "wrong: is not a whole number"},
        {"-1", "wrong: is not a whole number"},
        {"+1", "wrong: is not a whole number"},
        {"1 ", "wrong: is not a whole number"},
        {"1.5", "wrong: is not a whole number"},
        {"0x10", "wrong: is not a whole number"},
        {"1000x", "wrong: is not a whole number"},
    }));
    CHECK(outcome(parse_integer(text), [](std::uint64_t v) { return std::to_string(v); }) == expected);
}

TEST_CASE("a size is octets or a power of 1024 of them") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"0", "0"},
        {"65536", "64K"},
        {"50M", "50M"},
        {"2g", "2G"},
        {"1T", "1T"},
        {"1536", "1536"},
        {"1536K", "1536K"},
        {"1024M", "1G"},
        {"16777215T", "16777215T"},
        {"16777216T", "wrong: is too large"},
        {"18446744073709551616", "wrong: is too large"},
        {"", "wrong: is not a size"},
        {"M", "wrong: is not a size"},
        {"-1M", "wrong: is not a size"},
        {"50MB", "wrong: has the unit \"MB\"; sizes end in K, M, G, T or nothing"},
        {"50 M", "wrong: has the unit \" M\"; sizes end in K, M, G, T or nothing"},
        {"1.5G", "wrong: has the unit \".5G\"; sizes end in K, M, G, T or nothing"},
    }));
    CHECK(outcome(parse_size(text), format_size) == expected);
}

TEST_CASE("a duration has a unit") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"0s", "0s"},
        {"500ms", "500ms"},
        {"1500ms", "1500ms"},
        {"30s", "30s"},
        {"60s", "1m"},
        {"5m", "5m"},
        {"90m", "90m"},
        {"1h", "1h"},
        {"4d", "4d"},
        {"3650d", "3650d"},
        {"3651d", "wrong: is too long"},
        {"9223372036854775807d", "wrong: is too long"},
        {"99999999999999999999s", "wrong: is too large"},
        {"", "wrong: is not a duration"},
        {"s", "wrong: is not a duration"},
        {"-5s", "wrong: is not a duration"},
        {"30", "wrong: has no unit; durations end in ms, s, m, h or d"},
        {"5M", "wrong: has the unit \"M\"; durations end in ms, s, m, h or d"},
        {"1h30m", "wrong: has the unit \"h30m\"; durations end in ms, s, m, h or d"},
    }));
    CHECK(outcome(parse_duration(text), format_duration) == expected);
}

TEST_CASE("a boolean has a few spellings") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"true", "yes"},
        {"Yes", "yes"},
        {"ON", "yes"},
        {"false", "no"},
        {"no", "no"},
        {"off", "no"},
        {"", "wrong: is neither true nor false"},
        {"1", "wrong: is neither true nor false"},
        {"truely", "wrong: is neither true nor false"},
    }));
    CHECK(outcome(parse_boolean(text), [](bool v) { return v ? "yes" : "no"; }) == expected);
}

TEST_CASE("endpoints are IP addresses with ports, in canonical form") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"127.0.0.1:2525", "127.0.0.1:2525"},
        {"127.0.0.1:2525, [::1]:2525", "127.0.0.1:2525, [::1]:2525"},
        {"0.0.0.0:25,[::]:25", "0.0.0.0:25, [::]:25"},
        {"[2001:DB8:0:0::1]:25", "[2001:db8::1]:25"},  // one spelling, so that duplicates are seen
        {"127.0.0.1:0", "127.0.0.1:0"},
        {"127.0.0.1:65535", "127.0.0.1:65535"},
        {"none", "none"},
        {"", "wrong: is empty; to listen nowhere write none"},
        {"127.0.0.1", "wrong: has \"127.0.0.1\" without a port, such as 127.0.0.1:25"},
        {"[::1]", "wrong: has \"[::1]\" without a port, such as 127.0.0.1:25"},
        {"2525", "wrong: has \"2525\" without a port, such as 127.0.0.1:25"},
        {"127.0.0.1:25,", "wrong: has \"\" without a port, such as 127.0.0.1:25"},
        {"127.0.0.1:25 [::1]:25",
         "wrong: has \"127.0.0.1:25 [::1]:25\" where an IPv6 address stands without brackets, "
         "such as [::1]:25"},
        {"::1:25", "wrong: has \"::1:25\" where an IPv6 address stands without brackets, such as [::1]:25"},
        {"127.0.0.1:65536", "wrong: has \"127.0.0.1:65536\" whose port is not from 0 to 65535"},
        {"127.0.0.1:smtp", "wrong: has \"127.0.0.1:smtp\" whose port is not from 0 to 65535"},
        {"127.0.0.1:", "wrong: has \"127.0.0.1:\" whose port is not from 0 to 65535"},
        {":25", "wrong: has \":25\" without an address; all of them are 0.0.0.0 and [::]"},
        {"*:25", "wrong: has \"*:25\" without an address; all of them are 0.0.0.0 and [::]"},
        {"[]:25", "wrong: has \"[]:25\" without an address; all of them are 0.0.0.0 and [::]"},
        {"localhost:25", "wrong: has \"localhost:25\" which is not an IP address; names are not looked up"},
        {"[127.0.0.1]:25", "wrong: has \"[127.0.0.1]:25\" which is not an IP address; names are not looked up"},
        {"127.1:25", "wrong: has \"127.1:25\" which is not an IP address; names are not looked up"},
        {"127.0.0.01:25", "wrong: has \"127.0.0.01:25\" which is not an IP address; names are not looked up"},
        {std::string("127.0.0.1\0x:25", 14), "wrong: has \"127.0.0.1\\x00x:25\" which is not an IP address"},
    }));
    CHECK(outcome(parse_endpoints(text), format_endpoints) == expected);
}

TEST_CASE("paths are absolute, in a list with commas") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"/etc/mx.pem", "/etc/mx.pem"},
        {"/etc/mx.pem , /etc/b c.pem", "/etc/mx.pem, /etc/b c.pem"},
        {"/etc//a/../mx.pem", "/etc/mx.pem"},
        {"none", "none"},
        {"", "wrong: is empty; for no file write none"},
        {"mx.pem", "wrong: has \"mx.pem\", which is not an absolute path"},
        {"/etc/mx.pem,", "wrong: has \"\", which is not an absolute path"},
        {"/etc/mx.pem none", "/etc/mx.pem none"},
        {std::string("/etc\0x", 6), "wrong: has \"/etc\\x00x\", which is not an absolute path"},
    }));
    CHECK(outcome(parse_paths(text), format_paths) == expected);
}

TEST_CASE("a host name is a domain name and becomes A-labels in lower case") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"mx.example.test", "mx.example.test"},
        {"MX.Example.Test.", "mx.example.test"},
        {"localhost", "localhost"},
        {"mx.b\xc3\xbc"
         "cher.test",
         "mx.xn--bcher-kva.test"},
        {"3com.test", "3com.test"},
        {"", "wrong: is not a domain name"},
        {".", "wrong: is not a domain name"},
        {"a..b", "wrong: is not a domain name"},
        {"mx example.test", "wrong: is not a domain name"},
        {"[127.0.0.1]", "wrong: is not a domain name"},
        {"mx.example.test:25", "wrong: is not a domain name"},
        {"\xff.test", "wrong: is not a domain name"},
        {std::string("mx\0.test", 8), "wrong: is not a domain name"},
        {"my_host.test", "wrong: is not a domain name: labels are letters, digits and inner hyphens"},
        {"-mx.test", "wrong: is not a domain name: labels are letters, digits and inner hyphens"},
        {"mx-.test", "wrong: is not a domain name: labels are letters, digits and inner hyphens"},
        {"127.0.0.1", "wrong: is a number, not a domain name"},
    }));
    CHECK(outcome(parse_hostname(text), [](const std::string& v) { return v; }) == expected);
}

}  // namespace values_test
