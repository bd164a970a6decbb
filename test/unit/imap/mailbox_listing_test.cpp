#include "imap/mailbox_listing.hpp"

#include <chrono>

#include "parsed.hpp"
#include "test/catch.hpp"

namespace mailbox_listing_test {

using namespace postern;
using namespace postern::imap;
using storage::mailbox_role;

namespace {

storage::mailbox named(std::string name, bool subscribed = true, mailbox_role role = mailbox_role::none) {
    storage::mailbox m;
    m.name = std::move(name);
    m.role = role;
    m.subscribed = subscribed;
    return m;
}

/// An account's own, and a tree of which "a/b" is not there.
std::vector<storage::mailbox> account() {
    return {named("Inbox", true, mailbox_role::inbox),
            named("Sent", true, mailbox_role::sent),
            named("Trash", false, mailbox_role::trash),
            named("INBOX/lists"),
            named("a", false),
            named("a/b/c"),
            named("a/x", false)};
}

/// What LIST or LSUB answers, without the parts that are the same on each line.
std::string answer(const std::vector<storage::mailbox>& all, const std::string& command) {
    const auto wanted = parsed<list_command>(command);
    const std::string start = wanted.lsub ? "* LSUB (" : "* LIST (";
    std::string text;
    for (const auto& m : list_mailboxes(all, wanted)) {
        std::string line;
        write_listed(line, m, wanted, false);
        REQUIRE(line.starts_with(start));
        REQUIRE(line.ends_with("\r\n"));
        const auto slash = line.find(") \"/\" ");
        REQUIRE(slash != std::string::npos);
        if (!text.empty()) text += "; ";
        text += line.substr(slash + 6, line.size() - slash - 8);
        for (auto attributes = line.substr(start.size(), slash - start.size()); !attributes.empty();) {
            const auto end = std::min(attributes.find(' '), attributes.size());
            text += ' ' + attributes.substr(0, end);
            attributes.erase(0, end + 1);
        }
    }
    return text;
}

/// Names alone.
std::string names(const std::vector<storage::mailbox>& all, const std::string& command) {
    std::string text;
    for (const auto& m : list_mailboxes(all, parsed<list_command>(command))) text += (text.empty() ? "" : " ") + m.name;
    return text;
}

}  // namespace

TEST_CASE("a pattern matches as RFC 9051 6.3.9 has it") {
    struct row {
        std::string pattern;
        std::string name;
        bool matches;
        std::string why;
    };
    const std::vector<row> rows{
        {"a", "a", true, "no wildcard"},
        {"a", "A", false, "of one case"},
        {"a", "ab", false, "a beginning"},
        {"a", "a/b", false, "nor what is below"},
        {"*", "a/b/c", true, "all"},
        {"*", "", true, "nothing, too"},
        {"%", "a", true, "one level"},
        {"%", "a/b", false, "of the tree"},
        {"a/%", "a/b", true, "the next"},
        {"a/%", "a", false, "but not the one above"},
        {"a/%", "a/b/c", false, "nor below"},
        {"a/*", "a/b/c", true, "all below"},
        {"a*", "a", true, "a wildcard for nothing"},
        {"%/%", "a/b", true, "two levels"},
        {"%/%", "a", false, "not one"},
        {"%b", "aab", true, "an end"},
        {"a%c", "abbc", true, "both ends"},
        {"a%c", "a/c", false, "on one level"},
        {"a*c", "a/c", true, "on any"},
        {"*a*b", "xaab", true, "what came first was too little"},
        {"*a*b", "xaac", false, "another end"},
        {"%*%", "a/b/c", true, "wildcards side by side"},
        {"*x", "", false, "something for nothing"},
        {"%%x", "xx", true, "twice the same"},
    };
    for (const auto& [pattern, name, matches, why] : rows) {
        INFO(pattern << " " << name << ": " << why);
        CHECK(matches_pattern(pattern, name) == matches);
    }
}

TEST_CASE("a pattern of many wildcards against a long name costs little") {
    std::string pattern;
    while (pattern.size() < 250) pattern += "*a%";
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(matches_pattern(pattern + "b", std::string(10'000, 'a')));
    CHECK(matches_pattern(pattern, std::string(10'000, 'a')));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));  // it would be ages
    CHECK(matches_pattern(std::string(256, '*'), "a"));
    CHECK_FALSE(matches_pattern(std::string(257, '*'), "a"));
    CHECK(matches_pattern(std::string(1000, 'a'), std::string(1000, 'a')));  // no wildcard, no bound
}

TEST_CASE("the Inbox is shown as INBOX, and is a tree's root like any other") {
    const auto all = account();
    CHECK(shown_name(all[0]) == "INBOX");
    CHECK(shown_name(all[1]) == "Sent");
    CHECK(find_mailbox_named(all, "INBOX") == &all[0]);
    CHECK(find_mailbox_named(all, "a/b/c") == &all[5]);
    CHECK(find_mailbox_named(all, "Inbox") == nullptr);  // parsing made it INBOX
    CHECK(find_mailbox_named(all, "a/b") == nullptr);
    CHECK(mailboxes_below(all, "INBOX") == std::vector{&all[3]});
    CHECK(mailboxes_below(all, "a") == std::vector{&all[5], &all[6]});
    CHECK(mailboxes_below(all, "S").empty());  // a name's beginning is no level
    CHECK(superiors_of("a/b/c") == std::vector<std::string>{"a", "a/b"});
    CHECK(superiors_of("a").empty());
    CHECK(superiors_of("/a").empty());
    for (const auto* spelled : {"INBOX", "inbox", "InBox", "\"inbox\""}) {
        CHECK(answer(all, "LIST \"\" " + std::string(spelled)) == "INBOX \\HasChildren");
    }
    CHECK(answer(all, "LIST inb ox") == "INBOX \\HasChildren");  // only both together are its name
}

TEST_CASE("roles are told as RFC 6154 names them") {
    const std::vector<std::pair<mailbox_role, std::string>> rows{
        {mailbox_role::none, ""},
        {mailbox_role::inbox, ""},
        {mailbox_role::sent, "\\Sent"},
        {mailbox_role::drafts, "\\Drafts"},
        {mailbox_role::junk, "\\Junk"},
        {mailbox_role::trash, "\\Trash"},
        {mailbox_role::archive, "\\Archive"},
    };
    for (const auto& [role, use] : rows) {
        CHECK(special_use_of(role) == use);
        CHECK(answer({named("x", true, role)}, "LIST \"\" *") ==
              (role == mailbox_role::inbox ? "INBOX" : "x") + std::string(" \\HasNoChildren") + (use.empty() ? "" : " " + use));
    }
}

TEST_CASE("LIST and LSUB answer with what matches and is selected") {
    struct row {
        std::string command;
        std::string answer;
        std::string why;
    };
    const std::vector<row> rows{
        {"LIST \"\" *",
         "INBOX \\HasChildren; INBOX/lists \\HasNoChildren; Sent \\HasNoChildren \\Sent; Trash \\HasNoChildren \\Trash; "
         "a \\HasChildren; a/b \\Noselect \\HasChildren; a/b/c \\HasNoChildren; a/x \\HasNoChildren",
         "all, with the superior that is not there"},
        {"LIST \"\" %", "INBOX \\HasChildren; Sent \\HasNoChildren \\Sent; Trash \\HasNoChildren \\Trash; a \\HasChildren",
         "one level"},
        {"LIST a/ %", "a/b \\Noselect \\HasChildren; a/x \\HasNoChildren", "a reference is put in front"},
        {"LIST a %", "a \\HasChildren", "without a delimiter of its own"},
        {"LIST \"\" a/b", "a/b \\Noselect \\HasChildren", "by its name"},
        {"LIST \"\" b", "", "nothing"},
        {"LIST \"\" (a/b \"a/%\" a/x)", "a/b \\NonExistent \\HasChildren; a/x \\HasNoChildren",
         "RFC 5258 section 3: several patterns, each mailbox once"},
        {"LIST (SUBSCRIBED) \"\" *",
         "INBOX \\HasChildren \\Subscribed; INBOX/lists \\HasNoChildren \\Subscribed; "
         "Sent \\HasNoChildren \\Subscribed \\Sent; a/b/c \\HasNoChildren \\Subscribed",
         "RFC 9051 6.3.9.1: exactly those that are subscribed"},
        {"LIST (SUBSCRIBED) \"\" %", "INBOX \\HasChildren \\Subscribed; Sent \\HasNoChildren \\Subscribed \\Sent",
         "so nothing is told of what is below"},
        {"LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %",
         "INBOX (\"CHILDINFO\" (\"SUBSCRIBED\")) \\HasChildren \\Subscribed; Sent \\HasNoChildren \\Subscribed \\Sent; "
         "a (\"CHILDINFO\" (\"SUBSCRIBED\")) \\HasChildren",
         "RFC 5258 3.5: both the one that is subscribed and the one that is not"},
        {"LIST (SUBSCRIBED RECURSIVEMATCH) \"\" a/%", "a/b (\"CHILDINFO\" (\"SUBSCRIBED\")) \\NonExistent \\HasChildren",
         "RFC 9051 6.3.9.8, example 7.A2"},
        {"LIST (SPECIAL-USE) \"\" *", "Sent \\HasNoChildren \\Sent; Trash \\HasNoChildren \\Trash", "RFC 6154 section 2"},
        {"LIST (SPECIAL-USE SUBSCRIBED) \"\" *", "Sent \\HasNoChildren \\Subscribed \\Sent", "both"},
        {"LIST (SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) \"\" %", "Sent \\HasNoChildren \\Subscribed \\Sent",
         "nothing below is of special use"},
        {"LIST () \"\" a/b", "a/b \\NonExistent \\HasChildren", "no option: RFC 9051's word for it"},
        {"LIST \"\" (Sent Trash) RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)",
         "Sent \\HasNoChildren \\Subscribed \\Sent; Trash \\HasNoChildren \\Trash", "told, but not selected by"},
        {"LSUB \"\" *", "INBOX; INBOX/lists; Sent; a/b/c",
         "RFC 3501 6.3.9: what is subscribed; superiors are told for \"%\" only"},
        {"LSUB \"\" %", "INBOX; Sent; a \\Noselect", "what is there, but not subscribed, stands for what is below"},
        {"LSUB \"\" a/%", "a/b \\Noselect", "what is not there does too"},
        {"LSUB \"\" a", "a \\Noselect", "also by its name"},
        {"LSUB \"\" a/x", "", "not subscribed, nothing below"},
        {"LSUB a/b/ *", "a/b/c", "with a reference"},
    };
    const auto all = account();
    for (const auto& [command, expected, why] : rows) {
        INFO(command << ": " << why);
        CHECK(answer(all, command) == expected);
    }
}

TEST_CASE("CHILDINFO is told of what is subscribed below, whether that matches or not") {
    // RFC 9051 6.3.9.8, example 8
    const std::vector<storage::mailbox> all{
        named("foo2", false), named("foo2/bar1"),   named("foo2/bar2"), named("baz2", false), named("baz2/bar2"),
        named("baz2/bar22"),  named("baz2/bar222"), named("eps2"),      named("eps2/mamba"),  named("qux2/bar2"),
    };
    CHECK(names(all, "LIST (SUBSCRIBED) \"\" *") ==
          "baz2/bar2 baz2/bar22 baz2/bar222 eps2 eps2/mamba foo2/bar1 foo2/bar2 qux2/bar2");
    const auto with_info = [&all](const std::string& pattern) {
        std::string text;
        for (const auto& m : list_mailboxes(all, parsed<list_command>("LIST (RECURSIVEMATCH SUBSCRIBED) \"\" " + pattern))) {
            if (m.subscribed_below) text += m.name + ' ';
        }
        return text;
    };
    for (const auto* pattern : {"*2", "*"}) {
        CHECK(with_info(pattern).contains("foo2 "));
        CHECK(with_info(pattern).contains("eps2 "));
        CHECK_FALSE(with_info(pattern).contains("/"));
    }
    CHECK(with_info("*").contains("baz2 "));
    // Example 7.B and 7.C
    const std::vector<storage::mailbox> none{named("Foo", false), named("Foo/Bar", false)};
    CHECK(names(none, "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %").empty());
    const std::vector<storage::mailbox> above{named("Foo"), named("Foo/Bar", false)};
    CHECK(answer(above, "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %") == "Foo \\HasChildren \\Subscribed");
}

TEST_CASE("a listed name is written whole") {
    const auto wanted = parsed<list_command>("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" *");
    const auto m = named("Entwürfe & mehr", true, mailbox_role::drafts);
    std::string out;
    write_listed(out, {.name = m.name, .mailbox = &m, .has_children = true, .subscribed_below = true}, wanted, false);
    CHECK(out ==
          "* LIST (\\HasChildren \\Subscribed \\Drafts) \"/\" \"Entw&APw-rfe &- mehr\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n");
    out.clear();
    write_listed(out, {.name = m.name}, parsed<list_command>("LSUB \"\" *"), true);
    CHECK(out == "* LSUB (\\Noselect) \"/\" \"Entwürfe & mehr\"\r\n");
    out.clear();
    write_listed(out, {.name = "x", .mailbox = &m}, parsed<list_command>("LSUB \"\" *"), true);
    CHECK(out == "* LSUB () \"/\" x\r\n");
}

}  // namespace mailbox_listing_test
