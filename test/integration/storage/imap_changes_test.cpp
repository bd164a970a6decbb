#include <map>
#include <set>

#include "imap_mail.hpp"

namespace imap_changes_test {

using namespace postern;
using namespace postern::storage;
using test::imap_mail;
using test::uid_list;
using test::value;
using action = flag_change::action;

namespace {

uid_list uids_of(const std::vector<imap_entry>& entries) {
    uid_list all;
    for (const auto& e : entries) all.push_back(e.uid);
    return all;
}

/// A client: what it knows of the mailbox by what it was told.
struct client {
    explicit client(imap_mail& of) : mail(of), known(of.state()) {
        for (const auto& e : of.list(of.box)) flags[e.uid] = e.flags;
    }

    void follow(std::size_t limit) {
        for (bool more = true; more; ++calls) {
            const auto told = mail.since(known, limit);
            REQUIRE(!told.forgotten);
            REQUIRE((told.state != known) == (told.more || told.state == mail.state()));
            for (const auto uid : told.vanished) flags.erase(uid);
            for (const auto& e : told.changed) {
                CHECK(flags.contains(e.uid));
                flags[e.uid] = e.flags;
            }
            for (const auto& e : told.arrived) CHECK(flags.emplace(e.uid, e.flags).second);
            known = told.state;
            more = told.more;
        }
    }

    [[nodiscard]] bool knows_all() {
        std::map<std::int64_t, entry_flags> all;
        for (const auto& e : mail.list(mail.box)) all[e.uid] = e.flags;
        return all == flags && known == mail.state();
    }

    imap_mail& mail;
    mailbox_state known;
    std::map<std::int64_t, entry_flags> flags;
    int calls = 0;
};

}  // namespace

TEST_CASE("each thing that happens in a mailbox is told once, and then there is nothing to tell") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    const auto two = m.receive("two").id;
    auto known = m.state();
    const auto look = [&] {
        auto told = m.since(known);
        CHECK(!told.more);
        CHECK(!told.forgotten);
        known = told.state;
        CHECK(known == m.state());
        return told;
    };
    auto told = look();
    CHECK((told.arrived.empty() && told.changed.empty() && told.vanished.empty()));

    const auto three = m.receive("three").id;  // a delivery
    told = look();
    CHECK(uids_of(told.arrived) == uid_list{3});
    CHECK(told.arrived[0].id == three);
    CHECK((told.changed.empty() && told.vanished.empty()));

    m.add({two, one}, {.seen = true, .keywords = {"k"}});
    m.add({one}, {.flagged = true});
    told = look();
    CHECK(uids_of(told.changed) == uid_list{1, 2});  // once each, as they are now
    CHECK(told.changed[0].flags == entry_flags{.seen = true, .flagged = true, .keywords = {"k"}});
    CHECK(told.changed[0].modseq == known.highest_modseq);
    CHECK((told.arrived.empty() && told.vanished.empty()));

    m.change({one}, {.answered = true});  // on the web
    CHECK(uids_of(look().changed) == uid_list{1});

    value(m.append("a\r\n", {.keywords = {"new"}}));
    value(m.copy({one}, m.box, m.box));
    told = look();
    CHECK(uids_of(told.arrived) == uid_list{4, 5});
    CHECK(told.arrived[0].flags.keywords == std::vector<std::string>{"new"});
    CHECK((told.changed.empty() && told.vanished.empty()));

    value(m.move({three}, m.box, m.bin));
    CHECK(look().vanished == uid_list{3});
    value(m.move({three}, m.bin, m.box));
    told = look();
    CHECK(uids_of(told.arrived) == uid_list{6});
    CHECK((told.changed.empty() && told.vanished.empty()));

    m.add({three}, {.seen = true});
    value(m.move({three}, m.box, m.box));
    m.add({three}, {.answered = true});
    told = look();
    CHECK(told.vanished == uid_list{6});
    CHECK(uids_of(told.arrived) == uid_list{7});
    CHECK(told.arrived[0].flags == entry_flags{.seen = true, .answered = true});
    CHECK(told.changed.empty());

    m.add({one, two}, {.deleted = true});
    m.expunge({two, one});
    told = look();
    CHECK(told.vanished == uid_list{1, 2});
    CHECK((told.changed.empty() && told.arrived.empty()));

    const auto last = m.receive("last").id;  // came and went
    m.add({last}, {.deleted = true});
    m.expunge({last});
    told = look();
    CHECK(told.vanished == uid_list{8});
    CHECK((told.changed.empty() && told.arrived.empty()));
}

TEST_CASE("a delivery raises the mailbox's modseq, and the entry has one that was not given before") {
    imap_mail m(ON_BOTH_DATABASES);
    std::set<std::int64_t> seen;
    for (int i = 0; i < 3; ++i) {
        const auto before = m.state();
        const auto entry = m.receive("m" + std::to_string(i));
        if (i == 0) m.add({entry.id}, {.flagged = true});
        CHECK(entry.modseq > before.highest_modseq);
        CHECK(entry.modseq <= m.state().highest_modseq);
        CHECK(seen.insert(entry.modseq).second);
    }
}

TEST_CASE("a client that is told a little at a time comes to know all of it") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto limit = GENERATE(as<std::size_t>(), 1, 2, 3, 7, 100);
    std::vector<entry_id> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(m.receive("m" + std::to_string(i)).id);
    client c(m);
    REQUIRE(c.knows_all());
    m.add({ids[0], ids[1], ids[2]}, {.keywords = {"one"}});
    ids.push_back(m.receive("arrived").id);
    m.add({ids[1], ids[6]}, {.deleted = true});
    value(m.move({ids[3]}, m.box, m.bin));
    value(m.copy({ids[4], ids[5]}, m.box, m.box));
    value(m.move({ids[4]}, m.box, m.box));
    m.expunge({ids[1]});
    value(m.move({ids[3]}, m.bin, m.box));
    m.add({ids[3], ids[4], ids[5]}, {.seen = true});
    c.follow(limit);
    CHECK(c.knows_all());
    CHECK((c.calls > 1) == (limit < 100));

    // What happens between two pages is not lost.
    m.add({ids[0]}, {.seen = true});
    m.add({ids[2]}, {.flagged = true});
    m.receive("between");
    const auto half = m.since(c.known, limit);
    const bool all = !half.more;
    m.add({ids[0]}, {.draft = true});
    if (!all) CHECK(m.since(half.state, limit).state != half.state);
    c.follow(limit);
    CHECK(c.knows_all());
}

TEST_CASE("a draft that is written anew vanishes and arrives, and is not to be removed any more") {
    imap_mail m(ON_BOTH_DATABASES);
    m.box = m.mailbox(m.alice, mailbox_role::drafts).id;
    const auto save = [&](std::optional<replaced_draft> instead_of) {
        auto d = m.letter({}, "draft");
        d.local = {{m.alice.id, mailbox_role::drafts, "", true}};
        d.replaces = instead_of;
        const auto id = d.id;
        value(m.db.run(m.db->messages().deliver(std::move(d))));
        return m.find(id.value).id;
    };
    const auto draft = save({});
    m.add({draft}, {.deleted = true, .draft = true});
    const auto known = m.state();
    CHECK(save(replaced_draft{m.alice.id, draft}) == draft);
    const auto told = m.since(known);
    CHECK(told.vanished == uid_list{1});
    CHECK(uids_of(told.arrived) == uid_list{2});
    CHECK(told.arrived[0].flags == entry_flags{.seen = true, .draft = true});
    CHECK(told.changed.empty());
    CHECK(m.expunge({draft}).empty());
}

TEST_CASE("what is forgotten, of no state that was, or of no mailbox, is said to be") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    const auto known = m.state();
    m.add({one}, {.seen = true});
    const auto later = m.state();
    m.db.clock.advance(std::chrono::hours(1));
    m.add({one}, {.seen = true, .flagged = true});
    CHECK(uids_of(m.since(known).changed) == uid_list{1});
    CHECK(value(m.db.run(m.db->changes().remove_changes_before(m.now(), 10))) == 1);
    const auto told = m.since(known);
    CHECK(told.forgotten);
    CHECK(told.state == known);
    CHECK((told.changed.empty() && !told.more));
    CHECK(uids_of(m.since(later).changed) == uid_list{1});
    auto unknown = m.state();
    ++unknown.uid_next;
    CHECK(m.since(unknown).forgotten);
    unknown = m.state();
    ++unknown.highest_modseq;
    CHECK(m.since(unknown).forgotten);

    const auto own = value(m.db.run(m.boxes().add(m.alice.id, "Own", m.now())));
    const mailbox_state of_own{.mailbox = own.id};
    CHECK(m.since(of_own).state == of_own);
    test::failure(m.db.run(m.imap().changes_since(m.bob.id, of_own, 10)), errc::not_found);
    value(m.db.run(m.boxes().remove(m.alice.id, own.id, m.now())));
    test::failure(m.db.run(m.imap().changes_since(m.alice.id, of_own, 10)), errc::not_found);
}

}  // namespace imap_changes_test
