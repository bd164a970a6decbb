#include "http/json_body.hpp"

#include "http/content_type.hpp"
#include "test/catch.hpp"

namespace json_body_test {

using namespace postern::http;
using postern::core::entry_id;

namespace {

/// The body, kept for as long as its objects are read.
struct body {
    explicit body(std::string_view text) : value(parse_json(text, 16).value()) {}
    [[nodiscard]] json_object object() const { return json_object(value.as_object()); }
    boost::json::value value;
};

template <class T>
std::string member_of(const outcome<T>& r) {
    REQUIRE_FALSE(r.has_value());
    CHECK(r.error().code == status::unprocessable_entity);
    CHECK(r.error().detail.find("\"" + r.error().member + "\"") != std::string::npos);
    return r.error().member;
}

}  // namespace

TEST_CASE("what is not JSON, or deeper than allowed, is 400") {
    const auto text = GENERATE(as<std::string>(), "", "{", "{} x", "{'a':1}", "\"\xff\"", "\xEF\xBB\xBF{}", "nul", "[1,]",
                               std::string(17, '[') + std::string(17, ']'));
    CAPTURE(text);
    CHECK(parse_json(text, 16).error().code == status::bad_request);
    CHECK(parse_json(std::string(16, '[') + std::string(16, ']'), 16).has_value());
}

TEST_CASE("a text whose values take many times its memory is 413") {
    std::string text = "[";
    for (int i = 0; i < 300'000; ++i) text += "[],";
    text.back() = ']';
    CHECK(parse_json(text, 16).error().code == status::payload_too_large);
    const auto one_long = "[\"" + std::string(3'000'000, 'a') + "\"]";  // an attachment
    CHECK(parse_json(one_long, 16).has_value());
    const auto escaped = "[\"" + std::string(1'000'000, '\\') + "\"]";  // the parser cannot take it in one piece
    CHECK(parse_json(escaped, 16).has_value());
    CHECK(parse_json(R"({"twice":1,"twice":"a longer text than fits in place"})", 16).has_value());
}

TEST_CASE("members are read as what they must be, and the one at fault is named") {
    const body b(R"({"t":"text","e":"","n":7,"b":true,"z":null,"time":"2026-11-23T05:10:00Z","l":"a\nb","nul":"a\u0000b",
                     "a":["x","y"],"o":{"i":"12"},"os":[{"x":"1"},{"x":2}],"ids":["1","2"],"bad":["1","x"],"f":1.5})");
    const auto o = b.object();
    CHECK(o.text("t").value() == "text");
    CHECK(o.text("e").value().empty());
    CHECK(member_of(o.text("e", {.may_be_empty = false})) == "e");
    CHECK(member_of(o.text("t", {.longest = 3})) == "t");
    CHECK(member_of(o.text("none")) == "none");
    CHECK(member_of(o.text("z")) == "z");
    CHECK(member_of(o.text("n")) == "n");
    CHECK(member_of(o.text("l")) == "l");
    CHECK(o.text("l", {.lines = true}).value() == "a\nb");
    CHECK(member_of(o.text("nul", {.lines = true})) == "nul");
    CHECK(o.optional_text("none").value() == std::nullopt);
    CHECK(o.optional_text("z").value() == std::nullopt);
    CHECK(o.is_null("z"));
    CHECK_FALSE(o.is_null("none"));
    CHECK(o.optional_boolean("b").value() == true);
    CHECK(o.optional_boolean("none").value() == std::nullopt);
    CHECK(member_of(o.optional_boolean("n")) == "n");
    CHECK(o.optional_integer("n", 1, 7).value() == 7);
    CHECK(member_of(o.optional_integer("n", 1, 6)) == "n");
    CHECK(member_of(o.optional_integer("f", 1, 6)) == "f");
    CHECK(postern::core::to_rfc3339(o.optional_time("time").value().value()) == "2026-11-23T05:10:00Z");
    CHECK(member_of(o.optional_time("t")) == "t");
    CHECK(o.texts("a", 2).value() == std::vector<std::string>{"x", "y"});
    CHECK(o.texts("none", 2).value().empty());
    CHECK(member_of(o.texts("a", 1)) == "a");
    CHECK(member_of(o.texts("os", 5)) == "os[0]");
    CHECK(member_of(o.texts("t", 5)) == "t");
    CHECK(o.optional_object("o").value()->optional_id<entry_id>("i").value() == entry_id{12});
    CHECK(member_of(o.optional_object("a")) == "a");
    CHECK(o.ids<entry_id>("ids", 2).value() == std::vector<entry_id>{{1}, {2}});
    CHECK(member_of(o.ids<entry_id>("bad", 2)) == "bad[1]");
    CHECK(member_of(o.ids<entry_id>("none", 2)) == "none");
    const auto objects = o.objects("os", 2).value();
    CHECK(objects[0].text("x").value() == "1");
    CHECK(member_of(objects[1].text("x")) == "os[1].x");
    CHECK(member_of(o.objects("a", 2)) == "a[0]");
}

TEST_CASE("a member nobody knows is refused, not ignored") {
    const body b(R"({"seen":true,"flaged":false})");
    CHECK(b.object().only({"seen", "flaged"}).has_value());
    CHECK(member_of(b.object().only({"seen", "flagged"})) == "flaged");
    const body cut("{\"" + std::string(63, 'a') + "\xC3\xA4\":1}");  // not in the middle of a character
    CHECK(member_of(cut.object().only({})) == std::string(63, 'a'));
    CHECK(to_json(b.object().only({"seen"}).error()).find(R"("member":"flaged")") != std::string::npos);
}

TEST_CASE("a media type is compared without case and parameters") {
    CHECK(media_type("Application/JSON; charset=utf-8") == "application/json");
    CHECK(media_type("application/json;x") == "application/json");
    CHECK(media_type("application/jsonx") == "application/jsonx");
    CHECK(media_type("").empty());
}

}  // namespace json_body_test
