#include "http/query.hpp"

#include <array>
#include <string>

#include "http/target.hpp"
#include "test/catch.hpp"

namespace query_test {

using namespace postern::http;

namespace {

query_parameters query(std::string_view text) { return parse_target("/?" + std::string(text))->query; }

}  // namespace

TEST_CASE("a list is asked for by limit and cursor") {
    const auto [text, limit, cursor] = GENERATE(table<std::string, std::size_t, std::optional<std::string>>({
        {"", 50, std::nullopt},
        {"limit=1", 1, std::nullopt},
        {"limit=500", 500, std::nullopt},
        {"cursor=abc&limit=007", 7, "abc"},
    }));
    const auto page = read_page(query(text));
    REQUIRE(page.has_value());
    CHECK(page->limit == limit);
    CHECK(page->cursor == cursor);
}

TEST_CASE("a bad value is 400 and names its parameter") {
    const auto [text, parameter] = GENERATE(table<std::string, std::string>({
        {"limit=0", "limit"},
        {"limit=501", "limit"},
        {"limit=", "limit"},
        {"limit", "limit"},
        {"limit=-1", "limit"},
        {"limit=%2B1", "limit"},
        {"limit=1x", "limit"},
        {"limit=+1", "limit"},
        {"limit=0x10", "limit"},
        {"limit=99999999999999999999999", "limit"},
        {"cursor=", "cursor"},
    }));
    CAPTURE(text);
    const auto page = read_page(query(text));
    REQUIRE_FALSE(page.has_value());
    CHECK(page.error().code == status::bad_request);
    CHECK(page.error().parameter == parameter);
    CHECK(page.error().detail.find('"' + parameter + '"') != std::string::npos);
}

TEST_CASE("a parameter that is not known, or is there twice, is 400 and named") {
    constexpr std::array<std::string_view, 2> accepted = {"limit", "cursor"};
    CHECK(query("").check(accepted).has_value());
    CHECK(query("cursor=a&limit=1").check(accepted).has_value());
    const auto [text, parameter] = GENERATE(table<std::string, std::string>({
        {"limits=1", "limits"},
        {"limit=1&Limit=1", "Limit"},
        {"limit=1&limit=1", "limit"},
        {"=1", ""},
    }));
    const auto checked = query(text).check(accepted);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == status::bad_request);
    CHECK(checked.error().parameter == parameter);
}

TEST_CASE("a long unknown name is cut in the answer's text, between characters") {
    std::string name(63, 'a');
    name += "\xE2\x82\xAC\xE2\x82\xAC";
    query_parameters q;
    q.add(name, "1");
    CHECK(q.check({}).error().detail == "Unknown query parameter \"" + std::string(63, 'a') + "...\".");
}

}  // namespace query_test
