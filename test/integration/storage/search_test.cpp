#include <map>
#include <utility>

#include "view_mail.hpp"

namespace search_test {

using namespace postern;
using namespace postern::storage;
using test::view_mail;
using place = search_term::place;

namespace {

using subjects = std::vector<std::string>;

search_term find(const std::string& text, place in = place::anywhere) { return {*message::phrase_of(text), in, false}; }
search_term without(const std::string& text, place in = place::anywhere) { return {*message::phrase_of(text), in, true}; }

struct text_mail {
    std::string subject;
    std::string body{};
    std::string from = "Bob Builder <bob@example.org>";
    std::string to = "Alice <alice@example.test>";
    std::string file{};
};

std::string octets_of(const text_mail& m) {
    const std::string head = "From: " + m.from + "\r\nTo: " + m.to + "\r\nSubject: " + m.subject + "\r\nMIME-Version: 1.0\r\n";
    const std::string text = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + m.body + "\r\n";
    if (m.file.empty()) return head + text;
    return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text +
           "--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"" + m.file +
           "\"\r\n\r\nx\r\n--b--\r\n";
}

struct searches : view_mail {
    using view_mail::view_mail;

    search_store& index() { return db->searches(); }

    entry_id receive(const text_mail& m, const storage::account& to) {
        auto d = letter({to}, m.subject, octets_of(m));
        d.summary = message::summarize(*d.octets);
        const auto message = d.id;
        test::value(db.run(db->messages().deliver(std::move(d))));
        db.clock.advance(std::chrono::hours(1));
        return test::value(db.run(db->messages().find_entry(to.id, message.value))).id;
    }
    entry_id receive(const text_mail& m) { return receive(m, alice); }

    /// As the delivery's wake does it. How many were new to the index.
    std::size_t index_all(std::size_t limit = 100, std::optional<account_id> account = {}) {
        std::size_t made = 0;
        for (;;) {
            auto next = test::value(db.run(index().next_unindexed(account, limit)));
            std::vector<search_document> documents;
            for (const auto& e : next.entries) {
                if (e.known) continue;
                const auto octets = test::value(db.run(db->messages().read_content(e.message, 1 << 20)));
                documents.push_back({e.id, e.account, e.message, message::words_of(message::parse(*octets))});
            }
            made += documents.size();
            test::value(db.run(index().index(std::move(documents), next.progress)));
            if (next.entries.size() < limit) return made;
        }
    }

    search_page page(search_criteria wanted, std::optional<entry_id> before = {}, std::size_t limit = 100) {
        return test::value(db.run(index().search(alice.id, std::move(wanted), before, limit)));
    }
    subjects found(search_criteria wanted) {
        subjects all;
        for (const auto& e : page(std::move(wanted)).entries) all.push_back(e.summary.subject);
        return all;
    }
    subjects found(std::vector<search_term> terms) { return found(search_criteria{.terms = std::move(terms)}); }
};

}  // namespace

TEST_CASE("words are found wherever they stand, without case and accents, in every script, newest first") {
    searches m(ON_BOTH_DATABASES);
    m.receive({"one", "The Café on the corner, naïve and cheap."});
    m.receive({"two", "cafeteria, CORNER of the world"});
    m.receive({"three", "東京都に住んでいます"});
    m.receive({"four", "nothing here", "Jürgen Corner <j@mx.example.net>"});
    m.receive({"five", "nothing here", "bob@example.org", "Corner Shop <shop@example.com>", "Bericht-2026.pdf"});
    CHECK(m.found({find("corner")}).empty());  // not indexed yet
    CHECK(m.index_all() == 5);

    const std::vector<std::pair<std::vector<std::string>, subjects>> cases = {
        {{"corner"}, {"five", "four", "two", "one"}},
        {{"CAFE"}, {"one"}},
        {{"café", "naive"}, {"one"}},
        {{"corner", "world"}, {"two"}},
        {{"world", "naive"}, {}},
        {{"東京"}, {"three"}},
        {{"京都"}, {"three"}},
        {{"東京都"}, {"three"}},
        {{"都東"}, {}},
        {{"住"}, {"three"}},  // a single character, within
        {{"す"}, {"three"}},  // and the last
        {{"jurgen"}, {"four"}},
        {{"example.net"}, {"four"}},
        {{"example.org"}, {"five", "three", "two", "one"}},
        {{"shop"}, {"five"}},
        {{"bericht"}, {"five"}},
        {{"2026.pdf"}, {"five"}},
        {{"a" + core::to_string(m.alice.id)}, {}},  // a word of the index's own
    };
    for (const auto& [words, expected] : cases) {
        CAPTURE(words);
        std::vector<search_term> terms;
        for (const auto& w : words) terms.push_back(find(w));
        CHECK(m.found(terms) == expected);
    }
}

TEST_CASE("phrases, exclusions and fields narrow a search down") {
    searches m(ON_BOTH_DATABASES);
    m.receive({"red car", "a blue house and a red car"});
    m.receive({"blue car", "red house, car park", "Red Cross <red@cross.example>"});
    m.receive({"house", "blue car", "bob@example.org", "Red Team <team@example.com>"});
    m.index_all();

    const std::vector<std::pair<std::vector<search_term>, subjects>> cases = {
        {{find("red car")}, {"red car"}},
        {{find("car red")}, {}},  // "red car" ends where the text begins: not one phrase
        {{find("house and a red")}, {"red car"}},
        {{find("blue"), find("red house")}, {"blue car"}},
        {{find("car"), without("park")}, {"house", "red car"}},
        {{find("car"), without("red car")}, {"house", "blue car"}},
        {{without("park")}, {"house", "red car"}},
        {{without("park"), without("team")}, {"red car"}},
        {{find("red", place::sender)}, {"blue car"}},
        {{find("red", place::recipients)}, {"house"}},
        {{find("red", place::subject)}, {"red car"}},
        {{find("red cross", place::sender), find("house")}, {"blue car"}},
        {{find("cross red", place::subject)}, {}},
        {{without("red", place::subject)}, {"house", "blue car"}},
        {{find("red"), without("blue", place::subject), without("team", place::recipients)}, {"red car"}},
        {{search_term{*message::phrase_of("hou", true)}}, {"house", "blue car", "red car"}},
        {{search_term{*message::phrase_of("red ho", true)}}, {"blue car"}},
        {{find("hou")}, {}},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        CAPTURE(i);
        CHECK(m.found(cases[i].first) == cases[i].second);
    }
}

TEST_CASE("flags, files, mailboxes and times narrow a search down, with words or without") {
    searches m(ON_BOTH_DATABASES);
    const auto first = m.receive({"first", "word"});
    const auto second_at = m.now();
    const auto second = m.receive({"second", "word", "bob@example.org", "alice@example.test", "file.txt"});
    m.receive({"third", "other"});
    m.change({first}, {.seen = true, .flagged = true});
    m.change({second}, {.mailbox = m.mailbox(m.alice, mailbox_role::archive).id});
    m.index_all();
    const auto inbox = m.inbox().id;

    std::vector<std::pair<search_criteria, subjects>> cases = {
        {{}, {"third", "second", "first"}},
        {{.seen = false}, {"third", "second"}},
        {{.seen = true}, {"first"}},
        {{.flagged = true}, {"first"}},
        {{.has_attachments = true}, {"second"}},
        {{.has_attachments = false}, {"third", "first"}},
        {{.mailboxes = {{inbox}}}, {"third", "first"}},
        {{.mailboxes = {{}}}, {}},
        {{.other_mailboxes = {inbox}}, {"second"}},
        {{.since = second_at}, {"third", "second"}},
        {{.before = second_at}, {"first"}},
        {{.mailboxes = {{inbox}}, .since = second_at}, {"third"}},
    };
    for (const auto& [wanted, expected] : cases) {
        CHECK(m.found(wanted) == expected);
        auto with_words = wanted;
        with_words.terms = {find("word")};
        auto fewer = expected;
        std::erase(fewer, "third");
        CHECK(m.found(with_words) == fewer);
    }
}

TEST_CASE("another account's mail is never found, nor counted for a page") {
    searches m(ON_BOTH_DATABASES);
    m.receive({"his", "secret"}, m.bob);
    m.receive({"hers", "secret"});
    m.receive({"his again", "secret"}, m.bob);
    m.index_all();
    CHECK(m.found({find("secret")}) == subjects{"hers"});
    CHECK(m.found(search_criteria{}) == subjects{"hers"});
    CHECK(m.found({without("nothing")}) == subjects{"hers"});
    CHECK(!m.page({.terms = {find("secret")}}, {}, 1).next);
    const auto his = test::value(m.db.run(m.index().search(m.bob.id, {.terms = {find("secret")}}, {}, 10)));
    CHECK(his.entries.size() == 2);
}

TEST_CASE("what is found is given in pages, frequent words and rare ones alike") {
    searches m(ON_BOTH_DATABASES);
    std::vector<entry_id> all;
    for (int i = 0; i < 7; ++i) all.push_back(m.receive({"n", i % 3 == 0 ? "often rare" : "often"}));
    m.index_all(2);
    const auto first = m.page({.terms = {find("often")}}, {}, 3);
    REQUIRE(first.entries.size() == 3);
    CHECK(first.entries.front().id == all[6]);
    CHECK(first.next == all[4]);
    const auto second = m.page({.terms = {find("often")}}, first.next, 4);
    CHECK(second.entries.size() == 4);
    CHECK(second.entries.back().id == all[0]);
    CHECK(!second.next);
    const auto rare = m.page({.terms = {find("rare")}}, {}, 2);
    CHECK(rare.next == all[3]);
    CHECK(m.page({.terms = {find("rare")}}, rare.next, 2).entries.size() == 1);
    CHECK(m.page({}, all[1], 5).entries.size() == 1);
}

TEST_CASE("a page of a frequent word that begins among the newest and goes on behind them has all of it") {
    searches m(ON_BOTH_DATABASES);
    std::vector<entry_id> hits;
    for (int i = 0; i < 450; ++i) {
        const auto id = m.receive({"n", i % 10 == 0 ? "often" : "other"});
        if (i % 10 == 0) hits.push_back(id);
    }
    m.index_all(450);
    for (const std::size_t size : {39U, 42U, 44U, 45U, 100U}) {  // 40 stand among the newest 400
        CAPTURE(size);
        const auto page = m.page({.terms = {find("often")}}, {}, size);
        std::vector<entry_id> seen;
        for (const auto& e : page.entries) seen.push_back(e.id);
        CHECK(seen == std::vector(hits.rbegin(), hits.rbegin() + static_cast<std::ptrdiff_t>(std::min(size, hits.size()))));
        CHECK(page.next.has_value() == (size < hits.size()));
    }
}

TEST_CASE("the index follows entries: moved, written anew, removed, their account removed") {
    searches m(ON_BOTH_DATABASES);
    const auto moved = m.receive({"moved", "word"});
    m.receive({"his", "word"}, m.bob);
    CHECK(m.index_all(100, m.alice.id) == 1);
    m.change({moved}, {.mailbox = m.trash().id});
    CHECK(m.index_all(100, m.alice.id) == 0);  // its words are there
    CHECK(m.found({find("word")}) == subjects{"moved"});
    CHECK(m.index_all() == 1);
    CHECK(m.index_all() == 0);

    auto d = m.letter({}, "draft", octets_of({"draft", "apples"}));
    d.local = {{m.alice.id, mailbox_role::drafts, "", true}};
    const auto message = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto draft = m.find(message.value).id;
    m.index_all();
    auto anew = m.letter({}, "draft", octets_of({"draft", "pears"}));
    anew.local = {{m.alice.id, mailbox_role::drafts, "", true}};
    anew.replaces = replaced_draft{m.alice.id, draft};
    test::value(m.db.run(m.db->messages().deliver(std::move(anew))));
    CHECK(m.index_all() == 1);
    CHECK(m.page({.terms = {find("apples")}}).entries.empty());
    CHECK(m.page({.terms = {find("pears")}}).entries.at(0).id == draft);

    m.discard({moved});
    CHECK(m.gone(moved));
    CHECK(m.page({.terms = {find("word")}}).entries.empty());
    CHECK(m.count("search_document") == 2);
    test::value(m.db.run(m.db->accounts().remove_account(m.alice.id)));
    CHECK(m.count("search_document") == 1);
}

TEST_CASE("what is indexed late, for an entry that is gone or another message, is left out") {
    searches m(ON_BOTH_DATABASES);
    const auto entry = m.receive({"one", "word"});
    auto next = test::value(m.db.run(m.index().next_unindexed({}, 10)));
    REQUIRE(next.entries.size() == 1);
    const auto& e = next.entries[0];
    message::search_words words;
    words.body = {"word"};
    const std::vector<search_document> wrong = {{entry_id{4711}, e.account, e.message, words},
                                                {e.id, e.account, message_id{4711}, words},
                                                {e.id, m.bob.id, e.message, words}};
    test::value(m.db.run(m.index().index(wrong, {})));
    CHECK(m.count("search_document") == 0);
    test::value(m.db.run(m.index().index({{e.id, e.account, e.message, words}}, next.progress)));
    test::value(m.db.run(m.index().index({{e.id, e.account, e.message, words}},
                                         {{next.progress.begin()->first, 1}})));  // progress never shrinks
    CHECK(test::value(m.db.run(m.index().next_unindexed({}, 10))).entries.empty());
    CHECK(m.page({.terms = {find("word")}}).entries.at(0).id == entry);
}

TEST_CASE("one process indexes at a time on PostgreSQL; when it ends another goes on") {
    searches m(test::engine::postgresql);
    m.receive({"one", "word"});
    {
        test::open_database other(m.place);
        CHECK(test::value(other.run(other->searches().next_unindexed({}, 10))).entries.size() == 1);
        CHECK(test::value(other.run(other->searches().next_unindexed({}, 10))).entries.size() == 1);
        CHECK(m.index_all() == 0);
    }
    std::size_t made = 0;
    while (made == 0) made = m.index_all();  // the server notices in its own time that the other's session has ended
    CHECK(made == 1);
    CHECK(m.found({find("word")}) == subjects{"one"});
}

TEST_CASE("the largest document there can be is indexed, and hostile words are words") {
    searches m(ON_BOTH_DATABASES);
    const auto entry = m.receive({"huge"});
    const auto many = [](std::size_t count, char kind) {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < count; ++i) {
            auto term = kind + std::to_string(i);
            all.push_back(term + std::string(48 - term.size(), kind));
        }
        return all;
    };
    auto next = test::value(m.db.run(m.index().next_unindexed({}, 10)));
    const auto& e = next.entries.at(0);
    test::value(m.db.run(m.index().index(
        {{e.id, e.account, e.message, {many(100, 'a'), many(1'000, 'b'), many(300, 'c'), many(12'000, 'd'), many(1'000, 'e')}}},
        next.progress)));
    CHECK(m.page({.terms = {find(many(12'000, 'd').back())}}).entries.at(0).id == entry);
    CHECK(m.page({.terms = {find(many(1'000, 'e').back())}}).entries.at(0).id == entry);

    const subjects hostile = {"' OR 1=1 --",
                              "\" OR account : a1",
                              "AND",
                              "NOT",
                              "OR",
                              "NEAR(a b)",
                              "sender : x",
                              "a*",
                              "!a",
                              "a & b | c",
                              ":words",
                              "'",
                              "\\'",
                              "#1",
                              "{body} : x",
                              "^a",
                              "-"};
    for (const auto& text : hostile) {
        CAPTURE(text);
        const auto phrase = message::phrase_of(text);
        if (phrase) CHECK(m.found({search_term{*phrase}}).empty());
    }
}

}  // namespace search_test
