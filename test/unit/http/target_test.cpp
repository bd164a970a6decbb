#include "http/target.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"

namespace target_test {

using namespace postern::http;

using segments = std::vector<std::string>;

TEST_CASE("a target is taken apart and decoded once") {
    const auto [text, path, why] = GENERATE(table<std::string, segments, std::string>({
        {"/", {""}, "the root"},
        {"/api/v1/inbox", {"api", "v1", "inbox"}, "plain"},
        {"/api/v1/inbox?limit=5", {"api", "v1", "inbox"}, "with a query"},
        {"/api/", {"api", ""}, "a slash at the end is a segment"},
        {"//api", {"", "api"}, "no host: origin-form begins with a slash (RFC 9112 3.2.1)"},
        {"/a%2Fb", {"a/b"}, "an encoded slash separates nothing"},
        {"/a%252Fb", {"a%2Fb"}, "decoded once"},
        {"/a+b", {"a+b"}, "a plus in a path is a plus"},
        {"/%E2%82%AC", {"\xE2\x82\xAC"}, "UTF-8"},
        {"/...", {"..."}, "three dots are a name"},
        {"/a:b@c;d=e", {"a:b@c;d=e"}, "every character a segment may have"},
        {"http://mx.example.test/api?x=y", {"api"}, "absolute-form (RFC 9112 3.2.2)"},
        {"HTTPS://mx.example.test:8443/api", {"api"}, "a scheme is compared without case"},
        {"http://mx.example.test", {""}, "absolute-form without a path"},
    }));
    CAPTURE(text, why);
    const auto parsed = parse_target(text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->path == path);
}

TEST_CASE("a query is decoded as forms write it") {
    const auto parsed = parse_target("/s?a=1&b=x%26y&c=one+two%2B&d&e=&%66=%E2%82%AC");
    REQUIRE(parsed.has_value());
    const auto& q = parsed->query;
    CHECK(q.size() == 6);
    CHECK(q.find("a") == "1");
    CHECK(q.find("b") == "x&y");
    CHECK(q.find("c") == "one two+");
    CHECK(q.find("d") == "");
    CHECK(q.find("e") == "");
    CHECK(q.find("f") == "\xE2\x82\xAC");
    CHECK_FALSE(q.find("g").has_value());
    CHECK(parse_target("/s?")->query.size() == 0);
}

TEST_CASE("what no honest client asks for is 400") {
    const auto [text, why] = GENERATE(table<std::string, std::string>({
        {"", "nothing"},
        {"*", "asterisk-form belongs to OPTIONS"},
        {"api", "no slash"},
        {"mx.example.test:80", "authority-form belongs to CONNECT"},
        {"/..", "out of the tree"},
        {"/a/../b", "out of a folder"},
        {"/a/./b", "the same folder"},
        {"/a/%2e%2E/b", "the same, encoded"},
        {"/a/.%2e", "half encoded"},
        {"/%00", "NUL"},
        {"/a%0d%0aX:y", "a line break, for a log or a field"},
        {"/%7f", "DEL"},
        {"/%ff", "not UTF-8"},
        {"/%c0%af", "an overlong slash"},
        {"/%ed%a0%80", "a surrogate"},
        {"/a%2", "half an escape"},
        {"/a%zz", "not an escape"},
        {"/a\\b", "not a character of a path"},
        {"/a#b", "a fragment stays with the client (RFC 9110 4.2.5)"},
        {"/a?b#c", "a fragment after the query"},
        {"/s?a=%00", "NUL in a value"},
        {"/s?%ff=a", "a name that is not UTF-8"},
        {"/s?a=<b>", "not a character of a query"},
        {"ftp://mx.example.test/", "another scheme"},
        {"http:///a", "no host"},
        {"http://alice:secret@mx.example.test/", "user information (RFC 9110 4.2.4)"},
        {"http://mx.example.test/#a", "a fragment in absolute-form"},
        {"file:///etc/passwd", "a file"},
    }));
    CAPTURE(text, why);
    const auto parsed = parse_target(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == status::bad_request);
    CHECK_FALSE(parsed.error().detail.empty());
}

}  // namespace target_test
