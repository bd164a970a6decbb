#include "storage/soci/flag_edit.hpp"

#include "storage/errc.hpp"
#include "test/catch.hpp"

namespace flag_edit_test {

using namespace postern;
using namespace postern::storage;
using action = flag_change::action;
using words = std::vector<std::string>;

namespace {

words keywords_after(const words& now, action what, const words& wanted) {
    const auto edit = flag_edit::make({what, {.keywords = wanted}});
    REQUIRE(edit);
    const auto flags = edit->apply({.keywords = now});
    REQUIRE(flags);
    return flags->keywords;
}

words numbered(std::size_t count, const std::string& prefix = "k") {
    words all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(prefix + std::to_string(i + 10));
    return all;
}

}  // namespace

TEST_CASE("keywords are added, removed and replaced whatever their case, and stay as they were first spelled") {
    struct change {
        words now;
        action what;
        words wanted;
        words then;
    };
    const auto c = GENERATE(values<change>({
        {{}, action::add, {"work", "$Forwarded"}, {"$Forwarded", "work"}},         // sorted by octets
        {{"Work"}, action::add, {"WORK", "work"}, {"Work"}},                       // there is that one
        {{}, action::add, {"Work", "WORK"}, {"Work"}},                             // the first of those that are given
        {{"b", "d"}, action::add, {"c"}, {"b", "c", "d"}},                         // in between
        {{"Work", "home"}, action::remove, {"work"}, {"home"}},                    // whatever its case
        {{"home"}, action::remove, {"work", std::string(99, 'x'), ""}, {"home"}},  // none of these
        {{"Work", "home"}, action::replace, {"work", "new"}, {"Work", "new"}},     // what stays keeps its spelling
        {{"Work"}, action::replace, {}, {}},                                       // nothing
    }));
    CHECK(keywords_after(c.now, c.what, c.wanted) == c.then);
}

TEST_CASE("of the other flags an addition sets, a removal clears, and a replacement does both") {
    struct change {
        entry_flags now;
        action what;
        entry_flags wanted;
        entry_flags then;
    };
    const auto c = GENERATE(values<change>({
        {{.seen = true}, action::add, {.deleted = true}, {.seen = true, .deleted = true}},
        {{.seen = true, .draft = true}, action::remove, {.seen = true, .flagged = true}, {.draft = true}},
        {{.seen = true, .answered = true},
         action::replace,
         {.flagged = true, .answered = true},
         {.flagged = true, .answered = true}},
    }));
    const auto edit = flag_edit::make({c.what, c.wanted});
    REQUIRE(edit);
    CHECK(edit->apply(c.now) == c.then);
}

TEST_CASE("keywords that cannot be kept are refused") {
    struct keyword_case {
        std::string keyword;
        bool good;
    };
    const auto c = GENERATE(values<keyword_case>({
        {"$MDNSent", true},
        {"it's", true},                // an atom; SQL would think otherwise
        {std::string(64, 'k'), true},  // the longest
        {std::string(65, 'k'), false},
        {"", false},
        {"two words", false},  // a blank is between keywords
        {"a\x01", false},
        {"caf\xc3\xa9", false},
    }));
    for (const auto what : {action::add, action::replace}) {
        const auto edit = flag_edit::make({what, {.keywords = {"good", c.keyword}}});
        CHECK(edit.has_value() == c.good);
        if (!edit) CHECK(edit.error().code == errc::refused);
    }
}

TEST_CASE("an entry has thirty keywords at most, however many come to those it has") {
    CHECK(keywords_after({}, action::replace, numbered(30)) == numbered(30));
    CHECK(!flag_edit::make({action::add, {.keywords = numbered(31)}}));
    CHECK(keywords_after(numbered(30), action::add, {"K10"}) == numbered(30));
    const auto one = flag_edit::make({action::add, {.keywords = {"other"}}});
    REQUIRE(one);
    CHECK(one->apply({.keywords = numbered(30)}).error().code == errc::refused);
    CHECK(keywords_after(numbered(30), action::remove, numbered(1'000)).empty());
    CHECK(keywords_after(numbered(30), action::replace, numbered(30, "j")) == numbered(30, "j"));
}

TEST_CASE("a row's text gives the keywords it was made of") {
    for (const auto& keywords : {words{}, words{"one"}, words{"$Forwarded", "a'b", "z"}}) {
        CHECK(keywords_from_column(to_column(keywords)) == keywords);
    }
    CHECK(to_column(numbered(30, std::string(62, 'k'))).size() <= 2048);  // what the column holds
}

}  // namespace flag_edit_test
