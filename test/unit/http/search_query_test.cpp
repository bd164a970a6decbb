#include "http/search_query.hpp"

#include <algorithm>

#include "test/catch.hpp"

namespace search_query_test {

using namespace postern;
using namespace postern::http;
using strings = std::vector<std::string>;

namespace {

/// "-from:a+b*": a term as a person would say it.
std::string to_text(const storage::search_term& t) {
    constexpr std::array<std::string_view, 4> places = {"", "from:", "to:", "subject:"};
    std::string text = t.excluded ? "-" : "";
    text += places.at(static_cast<std::size_t>(t.in));
    for (const auto& term : t.phrase.terms) text += (&term == &t.phrase.terms.front() ? "" : "+") + term;
    return text + (t.phrase.prefix ? "*" : "");
}

search_query parsed(std::string_view q) {
    INFO(q);
    auto query = parse_search(q);
    REQUIRE(query.has_value());
    return *std::move(query);
}

core::timestamp day(int y, unsigned m, unsigned d) {
    return std::chrono::sys_days(std::chrono::year(y) / static_cast<int>(m) / static_cast<int>(d));
}

}  // namespace

TEST_CASE("a search is words, phrases, exclusions and fields") {
    const auto [q, expected] = GENERATE(table<std::string, strings>({
        {"Lunch  at\tNOON", {"lunch", "at", "noon"}},
        {R"("at noon" lunch)", {"at+noon", "lunch"}},
        {"-lunch", {"-lunch"}},
        {R"(-"at noon")", {"-at+noon"}},
        {"from:Bob", {"from:bob"}},
        {"FROM:bob", {"from:bob"}},
        {"-from:bob@example.org", {"-from:bob+example+org"}},
        {R"(to:"Alice A" subject:Re)", {"to:alice+a", "subject:re"}},
        {R"(-subject:"at noon" x)", {"-subject:at+noon", "x"}},
        {"Straße café", {"strasse", "cafe"}},
        {"lun*", {"lun*"}},
        {"from:bo*", {"from:bo*"}},
        {R"("lun*")", {"lun"}},  // in quotes as it is
        {"日", {"日*"}},
        {"東京都", {"東京+京都"}},
        {"http://example.org/a", {"http+example+org+a"}},  // no operator: words
        {"note:this", {"note+this"}},
        {"well-known", {"well+known"}},
        {R"(rock"n"roll)", {"rock+n+roll"}},
        {R"("open until the end)", {"open+until+the+end"}},
        {R"("a""b")", {"a", "b"}},
        {"a & b", {"a", "b"}},  // what has no letter
        {"is:unread", {}},
    }));
    strings terms;
    for (const auto& t : parsed(q).wanted.terms) terms.push_back(to_text(t));
    INFO(q);
    CHECK(terms == expected);
    CHECK_FALSE(parsed(q).nothing);
}

TEST_CASE("a search is also for what messages are and where they are") {
    CHECK(parsed("is:unread").wanted.seen == false);
    CHECK(parsed("-is:unread").wanted.seen == true);
    CHECK(parsed("is:read").wanted.seen == true);
    CHECK(parsed("is:Flagged").wanted.flagged == true);
    CHECK(parsed("-is:flagged").wanted.flagged == false);
    CHECK(parsed("has:attachment").wanted.has_attachments == true);
    CHECK(parsed("-has:attachments").wanted.has_attachments == false);
    CHECK(parsed("after:2026-01-31").wanted.since == day(2026, 1, 31));
    CHECK(parsed("before:2024/02/29").wanted.before == day(2024, 2, 29));
    CHECK(parsed("-before:2026-01-31").wanted.since == day(2026, 1, 31));  // not before is after
    CHECK(parsed("before:2026-01-31 before:2025-01-31").wanted.before == day(2025, 1, 31));
    CHECK(parsed("after:2026-01-31 after:2025-01-31").wanted.since == day(2026, 1, 31));
    CHECK(parsed(R"(in:"My box" -in:trash)").in == strings{"My box"});
    CHECK(parsed(R"(in:"My box" -in:trash)").not_in == strings{"trash"});
}

TEST_CASE("what nothing can be true of finds nothing, rather than everything") {
    CHECK(parsed("is:unread is:read").nothing);
    CHECK(parsed("has:attachment -has:attachment").nothing);
    CHECK(parsed("").nothing);
    CHECK(parsed(" - \"\" & !").nothing);
}

TEST_CASE("an operator that means nothing is refused, and so is too much") {
    const auto [q, word] = GENERATE(table<std::string, std::string>({
        {"from:", "from:"},
        {"subject: lunch", "subject:"},
        {R"(to:"")", "to:"},
        {"is:new", "is:"},
        {"has:fun", "has:"},
        {"before:yesterday", "before:"},
        {"after:2026-02-29", "after:"},
        {"after:2026-1-31", "after:"},
        {"after:20260131", "after:"},
        {"after:2026-01/31", "after:"},
        {"before:-026-01-31", "before:"},
        {std::string(2'001, 'x'), "octets"},
        {[] {
             std::string many;
             for (int i = 0; i < 51; ++i) many += "x ";
             return many;
         }(),
         "50"},
    }));
    INFO(q);
    const auto refused = parse_search(q);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == status::bad_request);
    CHECK(refused.error().parameter == "q");
    CHECK_THAT(refused.error().detail, Catch::Contains(word));
}

TEST_CASE("mailboxes are named by their names or by what they are for") {
    std::vector<storage::mailbox> mailboxes(4);
    mailboxes[0] = {.id = {1}, .account = {9}, .name = "Eingang", .role = storage::mailbox_role::inbox};
    mailboxes[1] = {.id = {2}, .account = {9}, .name = "Trash", .role = storage::mailbox_role::trash};
    mailboxes[2] = {.id = {3}, .account = {9}, .name = "Straße"};
    mailboxes[3] = {.id = {4}, .account = {9}, .name = "inbox"};
    const auto in = [&](std::string_view q) {
        auto query = parsed(q);
        resolve_mailboxes(query, mailboxes);
        return query.wanted;
    };
    using ids = std::vector<storage::mailbox_id>;
    CHECK(in("in:inbox").mailboxes == ids{{1}, {4}});
    CHECK(in("in:EINGANG").mailboxes == ids{{1}});
    CHECK(in("in:STRASSE").mailboxes == ids{{3}});
    CHECK(in("in:inbox in:eingang").mailboxes == ids{{1}});
    CHECK(in("in:inbox in:trash").mailboxes == ids{});
    CHECK(in("in:nowhere").mailboxes == ids{});
    CHECK(in("in:\xFF").mailboxes == ids{});
    CHECK(in("x").mailboxes == std::nullopt);
    CHECK(in("-in:trash -in:inbox").other_mailboxes == ids{{2}, {1}, {4}});
}

}  // namespace search_query_test
