#include "queue_mail.hpp"
#include "test/wait.hpp"
#include "view_mail.hpp"

namespace changes_test {

using namespace postern;
using namespace postern::storage;
using test::view_mail;
using kind = mail_change::kind;

namespace {

/// Follows alice's account.
struct followed : view_mail {
    explicit followed(test::engine on) : view_mail(on) { known = test::value(db.run(db->changes().state(alice.id))); }

    mail_changes look(std::size_t limit = 100) {
        auto found = test::value(db.run(db->changes().changes_since(alice.id, known, limit)));
        known = found.state;
        return found;
    }

    /// Until there are no more.
    std::vector<mail_change> look_at_all(std::size_t limit) {
        std::vector<mail_change> all;
        for (bool more = true; more;) {
            auto found = look(limit);
            REQUIRE(!found.forgotten);
            all.insert(all.end(), found.changes.begin(), found.changes.end());
            more = found.more;
        }
        return all;
    }

    account_state known;
};

std::string word(const mail_change& c) {
    constexpr std::array words{"added", "flags", "moved", "removed"};
    return words.at(static_cast<std::size_t>(c.what)) + (' ' + core::to_string(c.entry));
}

std::vector<std::string> words(const std::vector<mail_change>& changes) {
    std::vector<std::string> all;
    for (const auto& c : changes) all.push_back(word(c));
    return all;
}

std::string of(const char* what, entry_id id) { return what + (' ' + core::to_string(id)); }

}  // namespace

TEST_CASE("what is delivered, changed, moved and removed is told of once, and then there is nothing") {
    followed m(ON_BOTH_DATABASES);
    CHECK(m.look().changes.empty());
    const auto one = m.receive("one");
    const auto two = m.receive("two");
    auto found = m.look();
    CHECK(words(found.changes) == std::vector{of("added", one.id), of("added", two.id)});
    CHECK(found.changes[0].mailbox == m.inbox().id);
    CHECK(found.changes[0].uid == one.uid);
    CHECK(!found.more);
    CHECK(m.look().changes.empty());

    m.change({one.id}, {.seen = true});
    found = m.look();
    REQUIRE(words(found.changes) == std::vector{of("flags", one.id)});
    CHECK(found.changes[0].seen);
    CHECK(!found.changes[0].flagged);

    m.change({two.id}, {.flagged = true, .mailbox = m.trash().id});
    found = m.look();
    REQUIRE(words(found.changes) == std::vector{of("moved", two.id)});
    CHECK(found.changes[0].from == m.inbox().id);
    CHECK(found.changes[0].mailbox == m.trash().id);
    CHECK(found.changes[0].flagged);

    m.discard({two.id});
    found = m.look();
    REQUIRE(words(found.changes) == std::vector{of("removed", two.id)});
    CHECK(found.changes[0].mailbox == m.trash().id);
    CHECK(m.look().changes.empty());
}

TEST_CASE("several changes of an entry end as it is now") {
    followed m(ON_BOTH_DATABASES);
    const auto one = m.receive("one");
    m.change({one.id}, {.seen = true});
    m.change({one.id}, {.mailbox = m.mailbox(m.alice, mailbox_role::archive).id});
    m.change({one.id}, {.flagged = true, .mailbox = m.trash().id});
    const auto found = m.look();
    REQUIRE(!found.changes.empty());
    CHECK(word(found.changes.back()) == of("moved", one.id));
    CHECK(found.changes.back().mailbox == m.trash().id);
    CHECK(found.changes.back().seen);
    CHECK(found.changes.back().flagged);
    const auto two = m.receive("two");
    m.discard({two.id});
    m.discard({two.id});
    CHECK(words(m.look().changes) == std::vector{of("removed", two.id)});
}

TEST_CASE("many changes come in pages that miss nothing") {
    followed m(ON_BOTH_DATABASES);
    std::vector<entry_id> ids;
    std::vector<std::string> added;
    for (int i = 0; i < 12; ++i) {
        ids.push_back(m.receive("r" + std::to_string(i)).id);
        added.push_back(of("added", ids.back()));
    }
    CHECK(words(m.look_at_all(5)) == added);
    for (const auto id : ids) m.change({id}, {.seen = true});
    m.change(ids, {.flagged = true});
    const auto flags = m.look_at_all(5);
    CHECK(flags.size() == 24);
    m.change(ids, {.mailbox = m.trash().id});
    const auto moved = m.look_at_all(5);
    CHECK(std::ranges::count(moved, kind::moved, &mail_change::what) == 12);
    m.discard(ids);
    CHECK(m.look_at_all(5).size() == 12);
    CHECK(m.look().changes.empty());
}

TEST_CASE("mailboxes that come and go are followed too, and other accounts' are not") {
    followed m(ON_BOTH_DATABASES);
    const auto box = test::value(m.db.run(m.boxes().add(m.alice.id, "own", m.now()))).id;
    const auto one = m.receive("one");
    m.look();
    CHECK(m.known.mailboxes.size() == 7);
    m.change({one.id}, {.mailbox = box});
    CHECK(words(m.look().changes) == std::vector{of("moved", one.id)});
    test::value(m.db.run(m.boxes().remove(m.alice.id, box, m.now())));
    const auto found = m.look();
    CHECK(words(found.changes) == std::vector{of("moved", one.id)});
    CHECK(found.changes[0].from == box);
    CHECK(m.known.mailboxes.size() == 6);
    m.send({m.bob}, "his");
    CHECK(m.look().changes.empty());
}

TEST_CASE("what was forgotten, and a state of nothing we know, are said to be") {
    followed m(ON_BOTH_DATABASES);
    const auto start = m.known;
    const auto one = m.receive("one");
    m.change({one.id}, {.seen = true});
    m.db.clock.advance(std::chrono::hours(1));
    m.change({one.id}, {.flagged = true});
    const auto remove = [&m](core::timestamp before) {
        return test::value(m.db.run(m.db->changes().remove_changes_before(before, 10)));
    };
    CHECK(remove(m.now() - std::chrono::hours(2)) == 0);
    CHECK(remove(m.now() - std::chrono::minutes(1)) == 1);
    CHECK(m.look().forgotten);
    m.known = start;
    m.known.mailboxes.clear();
    CHECK(m.look().forgotten);
    m.known = test::value(m.db.run(m.db->changes().state(m.alice.id)));
    CHECK(!m.look().forgotten);
    m.known.mailboxes[0].highest_modseq += 100;
    CHECK(m.look().forgotten);
    m.known.mailboxes[0].highest_modseq -= 100;
    m.change({one.id}, {.flagged = false});
    CHECK(m.look().changes.size() == 1);
}

TEST_CASE("outcomes are told to who sent it, from where the follower is") {
    test::queue_mail m(ON_BOTH_DATABASES);
    const auto bob = m.account("bob");
    const auto start = test::value(m.db.run(m.db->changes().state(m.alice.id)));
    m.submit({"a@far.test", "b@far.test"});
    const auto look = [&m](const account& who, std::int64_t after, core::timestamp since, std::size_t limit = 10) {
        return test::value(m.db.run(m.db->changes().outcomes_since(who.id, after, since, limit)));
    };
    const auto long_ago = m.now() - std::chrono::hours(1);
    CHECK(look(m.alice, start.last_event, long_ago).empty());
    const auto items = m.claim("w");
    test::value(m.conclude("w", {m.done(items.at(0)), m.deferred(items.at(1), m.now())}));
    const auto told = look(m.alice, start.last_event, long_ago);
    REQUIRE(told.size() == 2);
    CHECK(told[0].event.kind == "relayed");
    CHECK(told[0].event.recipient == items.at(0).recipient);
    CHECK(told[0].message == items.at(0).message);
    CHECK(told[1].event.kind == "deferred");
    CHECK(told[1].id > told[0].id);
    CHECK(look(m.alice, told[0].id, long_ago).size() == 1);
    CHECK(look(m.alice, start.last_event, long_ago, 1).size() == 1);
    CHECK(look(m.alice, told[1].id, long_ago).empty());
    CHECK(look(m.alice, start.last_event, m.now() + std::chrono::hours(1)).empty());
    CHECK(look(bob, start.last_event, long_ago).empty());
    CHECK(test::value(m.db.run(m.db->changes().state(m.alice.id))).last_event >= told[1].id);
}

TEST_CASE("who listens hears of this process's commits at once, whatever they were") {
    test::queue_mail m(ON_BOTH_DATABASES);
    const auto bob = m.account("bob");
    std::vector<account_id> heard;
    std::size_t also_heard = 0;
    m.db->changes().on_change([&heard](std::optional<account_id> who) {
        if (who) heard.push_back(*who);
    });
    m.db->changes().on_change([&also_heard](std::optional<account_id> who) { also_heard += who ? 1 : 0; });
    const auto expect = [&](std::vector<account_id> who) {
        std::ranges::sort(heard);
        CHECK(heard == who);
        CHECK(also_heard == who.size());
        heard.clear();
        also_heard = 0;
    };
    m.send({m.alice, bob}, "both");
    expect({m.alice.id, bob.id});
    const auto inbox = m.mailbox(bob, mailbox_role::inbox).id;
    const auto entry = test::value(m.db.run(m.db->messages().list_entries(bob.id, inbox, {}, 1))).entries.at(0).id;
    test::value(m.db.run(m.db->mailboxes().change(bob.id, {entry}, {.seen = true}, {}, m.now())));
    expect({bob.id});
    m.submit({"a@far.test"});
    expect({m.alice.id});
    auto outcome = m.done(m.claim("w").at(0));
    outcome.submitted_by = m.alice.id;
    test::value(m.conclude("w", {outcome}));
    expect({m.alice.id});
}

TEST_CASE("on PostgreSQL other processes hear of it too, also after the connection was lost") {
    view_mail m(test::engine::postgresql);
    test::open_database other(m.place);
    std::set<account_id> heard;
    bool anybody = false;
    other->changes().on_change([&](std::optional<account_id> who) { who ? void(heard.insert(*who)) : void(anybody = true); });
    m.db->changes().on_change([](std::optional<account_id>) {});  // who tells others listens itself
    const auto wait_for = [&](auto reached) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!reached()) {
            REQUIRE(std::chrono::steady_clock::now() < limit);
            other.loop.run_one_for(std::chrono::milliseconds(10));
            m.db.loop.poll();
        }
    };
    wait_for([&] { return anybody; });  // it listens
    m.send({m.alice, m.bob}, "both");
    wait_for([&] { return heard.contains(m.alice.id) && heard.contains(m.bob.id); });

    heard.clear();
    anybody = false;
    m.place.drop_sessions();
    wait_for([&] { return anybody; });
    test::wait_until([&] { return m.db.run(m.db->ping()).has_value(); });
    const auto until_stored = [&] {
        auto d = m.letter({m.alice}, "after");
        return m.db.run(m.db->messages().deliver(std::move(d))).has_value();
    };
    wait_for(until_stored);
    wait_for([&] { return heard.contains(m.alice.id) || anybody; });
}

}  // namespace changes_test
