#include <future>

#include "imap_mail.hpp"
#include "storage/upkeep_store.hpp"

namespace imap_test {

using namespace postern;
using namespace postern::storage;
using test::imap_mail;
using test::uid_list;
using test::value;
using action = flag_change::action;
using status = changed_entry::status;

namespace {

using words = std::vector<std::string>;
using pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

pairs placed(const std::vector<placed_entry>& entries) {
    pairs all;
    for (const auto& e : entries) all.emplace_back(e.from_uid, e.uid);
    return all;
}

}  // namespace

TEST_CASE("a mailbox is listed by uid, a page at a time, and only to its account") {
    imap_mail m(ON_BOTH_DATABASES);
    std::vector<entry> sent;
    for (int i = 0; i < 5; ++i) sent.push_back(m.receive("m" + std::to_string(i)));
    const auto page = [&](std::int64_t after, std::size_t limit) {
        uid_list all;
        for (const auto& e : value(m.db.run(m.imap().list(m.alice.id, m.box, after, limit)))) all.push_back(e.uid);
        return all;
    };
    CHECK(page(0, 2) == uid_list{1, 2});
    CHECK(page(2, 2) == uid_list{3, 4});
    CHECK(page(4, 2) == uid_list{5});
    CHECK(page(5, 2).empty());
    CHECK(page(0, 0) == uid_list{1});  // one at least
    CHECK(m.list(m.bin).empty());

    const auto first = m.list(m.box).front();
    CHECK(first.id == sent[0].id);
    CHECK(first.message == sent[0].message);
    CHECK(first.modseq == sent[0].modseq);
    CHECK(first.received_at == sent[0].received_at);
    CHECK(first.size == 3);
    CHECK(first.flags == entry_flags{});
    test::failure(m.db.run(m.imap().list(m.bob.id, m.box, 0, 10)), errc::not_found);
    test::failure(m.db.run(m.imap().count(m.bob.id, m.box)), errc::not_found);
    test::failure(m.db.run(m.imap().state(m.bob.id, m.box)), errc::not_found);
    test::failure(m.db.run(m.imap().subscribe(m.bob.id, m.box, false)), errc::not_found);
}

TEST_CASE("flags are added, removed and replaced; nothing is numbered where nothing changes") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    const auto two = m.receive("two").id;
    const auto hers = m.db.run(m.imap().list(m.alice.id, m.box, 0, 1))->front();
    const auto before = m.state();

    auto done = m.add({two, one}, {.seen = true, .deleted = true, .keywords = {"Work", "$Forwarded", "it's:x"}});
    REQUIRE(done.size() == 2);
    CHECK(done[0].id == two);
    CHECK(done[0].outcome == status::done);
    CHECK(done[0].flags.keywords == words{"$Forwarded", "Work", "it's:x"});
    CHECK(done[0].modseq == before.highest_modseq + 1);  // one number for all of a call
    CHECK(done[1].modseq == before.highest_modseq + 1);
    CHECK(m.list(m.box)[0].flags == done[1].flags);
    CHECK(m.list(m.box)[0].modseq == done[1].modseq);
    CHECK(m.inbox().unread == 0);
    CHECK(m.inbox().total == 2);  // what is marked as deleted is there
    CHECK(m.find(one).seen);

    done = m.add({one}, {.seen = true, .keywords = {"WORK"}});
    CHECK(done[0].outcome == status::done);
    CHECK(m.state() == mailbox_state{m.box, 3, before.highest_modseq + 1});

    done = m.flag({one}, {action::remove, {.seen = true, .keywords = {"work", "none"}}});
    CHECK(done[0].flags == entry_flags{.deleted = true, .keywords = {"$Forwarded", "it's:x"}});
    done = m.flag({one, two}, {action::replace, {.flagged = true, .answered = true, .draft = true}});
    CHECK(done[0].flags == entry_flags{.flagged = true, .answered = true, .draft = true});
    CHECK(m.list(m.box)[1].flags == done[1].flags);
    CHECK(m.inbox().unread == 2);
    CHECK(m.find(two).answered);

    // What is not there, is in another mailbox or is somebody else's is missing, also where it is named twice.
    m.send({m.bob}, "his");
    const auto his = value(m.db.run(m.db->messages().list_entries(m.bob.id, m.mailbox(m.bob, mailbox_role::inbox).id, {}, 1)));
    m.discard({two});
    done = m.add({two, his.entries.at(0).id, {9'999}, one, one}, {.seen = true});
    CHECK(done[0].outcome == status::missing);
    CHECK(done[1].outcome == status::missing);
    CHECK(done[2].outcome == status::missing);
    CHECK(done[3].outcome == status::done);
    CHECK(done[4].flags.seen);
    CHECK(!m.find(two).seen);
    CHECK(m.find(hers.id).seen);
    test::failure(m.db.run(m.imap().change_flags(m.bob.id, m.box, {one}, {}, {}, m.now())), errc::not_found);
    CHECK(m.counters_are_right());
    CHECK(m.damages() == words{});
}

TEST_CASE("with a modseq, what has changed since it is left as it is") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    const auto two = m.receive("two").id;
    const auto known = m.state().highest_modseq;
    m.add({one}, {.keywords = {"new"}});
    const auto done = m.flag({one, two}, {action::add, {.deleted = true}}, known);
    CHECK(done[0].outcome == status::modified);
    CHECK(done[0].modseq == known + 1);
    CHECK(done[0].flags == entry_flags{.keywords = {"new"}});
    CHECK(done[1].outcome == status::done);
    CHECK(done[1].modseq == known + 2);
    CHECK(m.flag({one}, {action::add, {.deleted = true}}, known + 1)[0].outcome == status::done);
}

TEST_CASE("too many keywords, too long ones and too many entries are refused, and nothing is changed") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    const auto two = m.receive("two").id;
    words most;
    for (int i = 0; i < 30; ++i) most.push_back(std::string(62, 'k') + std::to_string(i + 10));
    CHECK(m.add({two}, {.keywords = most})[0].flags.keywords == most);
    const auto state = m.state();
    const auto refused = [&](std::vector<entry_id> ids, entry_flags flags) {
        test::failure(
            m.db.run(m.imap().change_flags(m.alice.id, m.box, std::move(ids), {action::add, std::move(flags)}, {}, m.now())),
            errc::refused);
    };
    refused({one, two}, {.seen = true, .keywords = {"more"}});
    refused({one}, {.keywords = {std::string(65, 'k')}});
    refused(std::vector<entry_id>(imap_store::most_entries + 1, one), {.seen = true});
    test::failure(m.append("a\r\n", {.keywords = {"two words"}}), errc::refused);
    CHECK(m.state() == state);
    CHECK(m.list(m.box)[0].flags == entry_flags{});
}

TEST_CASE("a copy has a uid of its own, flags and dates, is counted, and goes by itself") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one", "1234\r\n");
    const auto two = m.receive("two").id;
    m.add({one.id}, {.seen = true, .draft = true, .keywords = {"k"}});
    m.db.clock.advance(std::chrono::days(40));
    const auto before = m.state();
    CHECK(placed(value(m.copy({two, one.id, {9'999}}, m.box, m.bin))) == pairs{{1, 1}, {2, 2}});
    CHECK(m.state() == before);  // nothing happened where they are
    const auto copies = m.list(m.bin);
    REQUIRE(copies.size() == 2);
    CHECK(copies[0].id != one.id);
    CHECK(copies[0].message == one.message);
    CHECK(copies[0].flags == entry_flags{.seen = true, .draft = true, .keywords = {"k"}});
    CHECK(copies[0].received_at == one.received_at);
    CHECK(copies[0].modseq == m.trash().highest_modseq);
    CHECK(m.find(copies[0].id).delivered_to == one.delivered_to);
    CHECK(m.trash().total == 2);
    CHECK(m.trash().unread == 1);
    CHECK(m.used() == 2 * (6 + 3));

    // In the same mailbox too; what follows a delivery follows a copy.
    CHECK(placed(value(m.copy({one.id}, m.box, m.box))) == pairs{{1, 3}});
    CHECK(m.uids(m.box) == uid_list{1, 2, 3});
    CHECK(value(m.db.run(m.boxes().thread_arrivals({}, 100))) == 5);
    CHECK(m.find(copies[0].id).thread == m.find(one.id).thread);
    CHECK(m.counters_are_right());

    // It has been in Trash for no longer than since it was copied there.
    const auto old = m.now() - std::chrono::days(30);
    CHECK(value(m.db.run(m.db->upkeep().remove_entries_before(mailbox_role::trash, old, 10, m.now()))) == 0);

    m.add({one.id, m.list(m.box)[2].id}, {.deleted = true});
    CHECK(m.expunge({one.id, two, m.list(m.box)[2].id}) == uid_list{1, 3});
    CHECK(core::read_all(*value(m.db.run(m.db->messages().read_content(one.message, 100)))) == "1234\r\n");
    CHECK(m.damages() == words{});
}

TEST_CASE("copies that do not fit are not made, none of them") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one", "123\r\n").id;
    const auto two = m.receive("two", "123\r\n").id;
    m.limit_quota(19);
    test::failure(m.copy({one, two}, m.box, m.bin), errc::over_quota);
    CHECK(m.list(m.bin).empty());
    CHECK(m.trash().uid_next == 1);
    CHECK(m.used() == 10);
    CHECK(m.copy({one}, m.box, m.bin));
    CHECK(m.used() == 15);
    CHECK(m.move({one, two}, m.box, m.bin));  // needs no room
    CHECK(m.counters_are_right());
}

TEST_CASE("nothing is copied or moved from or to where it is not the account's") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    m.send({m.bob}, "his");
    const auto his = m.mailbox(m.bob, mailbox_role::inbox).id;
    const auto theirs = value(m.db.run(m.imap().list(m.bob.id, his, 0, 1))).front().id;
    for (const auto place : {&imap_store::copy, &imap_store::move}) {
        const auto call = [&](account_id account, mailbox_id from, std::vector<entry_id> ids, mailbox_id to) {
            return m.db.run((m.imap().*place)(account, from, std::move(ids), to, m.now()));
        };
        test::failure(call(m.alice.id, m.box, {one}, his), errc::not_found);
        test::failure(call(m.alice.id, his, {one}, m.bin), errc::not_found);
        test::failure(call(m.alice.id, {9'999}, {one}, m.bin), errc::not_found);
        test::failure(call(m.alice.id, m.box, std::vector<entry_id>(imap_store::most_entries + 1, one), m.bin), errc::refused);
        CHECK(value(call(m.alice.id, m.box, {theirs}, m.bin)).empty());
        CHECK(value(call(m.alice.id, m.bin, {one}, m.box)).empty());  // it is not in there
        CHECK(value(call(m.alice.id, m.box, {}, m.bin)).empty());
    }
    CHECK(m.uids(m.box) == uid_list{1});
    CHECK(m.state().uid_next == 2);
    CHECK(m.list(m.bin).empty());
}

TEST_CASE("what is moved keeps its id and flags; where it is already it gets a new uid") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one").id;
    const auto two = m.receive("two").id;
    const auto three = m.receive("three").id;
    m.add({two}, {.flagged = true, .keywords = {"k"}});
    CHECK(value(m.db.run(m.boxes().thread_arrivals({}, 100))) == 3);
    const auto thread = m.find(two).thread;
    CHECK(placed(value(m.move({three, two}, m.box, m.bin))) == pairs{{2, 1}, {3, 2}});
    CHECK(m.list(m.bin)[0].id == two);
    CHECK(m.list(m.bin)[0].flags == entry_flags{.flagged = true, .keywords = {"k"}});
    CHECK(m.inbox().total == 1);
    CHECK(m.trash().unread == 2);

    const auto state = value(m.db.run(m.db->changes().state(m.alice.id)));
    CHECK(placed(value(m.move({three, two}, m.bin, m.bin))) == pairs{{1, 3}, {2, 4}});
    CHECK(m.uids(m.bin) == uid_list{3, 4});
    CHECK(m.list(m.bin)[0].id == two);
    CHECK(m.find(two).thread == thread);
    CHECK(m.trash().total == 2);
    CHECK(m.used() == 9);
    // Whoever follows the account is told of them as of drafts that are written anew.
    const auto told = value(m.db.run(m.db->changes().changes_since(m.alice.id, state, 100)));
    REQUIRE(told.changes.size() == 2);
    CHECK(told.changes[0].what == mail_change::kind::added);
    CHECK(m.find(one).uid == 1);
    CHECK(m.counters_are_right());
    CHECK(m.damages() == words{});
}

TEST_CASE(
    "only what is marked as deleted is expunged, of what is named, and its octets go with the last place that held them") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto one = m.receive("one");
    const auto two = m.receive("two").id;
    const auto three = m.receive("three").id;
    m.add({one.id, two}, {.deleted = true});
    CHECK(m.expunge({three, one.id, {9'999}}) == uid_list{1});
    CHECK(m.uids(m.box) == uid_list{2, 3});
    CHECK(m.used() == 6);
    test::failure(m.db.run(m.db->messages().read_content(one.message, 100)), errc::not_found);
    CHECK(m.expunge({three}).empty());
    CHECK(m.expunge({}).empty());
    value(m.move({two}, m.box, m.bin));
    CHECK(m.expunge({two}).empty());  // it is deleted, but not here
    CHECK(m.list(m.bin).size() == 1);
    test::failure(m.db.run(m.imap().expunge(m.bob.id, m.box, {two}, m.now())), errc::not_found);
    CHECK(m.counters_are_right());
    CHECK(m.damages() == words{});
}

TEST_CASE("what is on its way out is expunged from Sent and still sent") {
    imap_mail m(ON_BOTH_DATABASES);
    auto d = m.letter({}, "out");
    d.local = {{m.alice.id, mailbox_role::sent, "", true}};
    d.submitted_by = m.alice.id;
    d.remote = {{"bob@far.test", "far.test", {}, std::nullopt, m.now() + std::chrono::days(1)}};
    const auto message = d.id;
    value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto entry = m.find(message.value);
    m.box = entry.mailbox;
    m.add({entry.id}, {.deleted = true});
    CHECK(m.expunge({entry.id}) == uid_list{1});
    CHECK(core::read_all(*value(m.db.run(m.db->messages().read_content(message, 100)))) == "x\r\n");
    CHECK(m.damages() == words{});
}

TEST_CASE("what is appended stands there with its flags, counted, told of and followed up") {
    imap_mail m(ON_BOTH_DATABASES);
    m.receive("one");
    const auto known = m.state();
    bool heard = false;
    m.db->changes().on_change([&](std::optional<account_id> account) { heard = heard || account == m.alice.id; });
    const std::string large(2'500'000, 'y');  // in the other lane, and in parts
    const auto octets = GENERATE_COPY(as<std::string>(), std::string("a\r\n"), large);
    const entry_flags flags{.seen = true, .deleted = true, .draft = true, .keywords = {"b", "A", "B"}};
    CHECK(value(m.append(octets, flags)) == 2);
    CHECK(heard);
    CHECK(value(m.append("bb\r\n")) == 3);
    const auto listed = m.list(m.box);
    REQUIRE(listed.size() == 3);
    CHECK(listed[1].flags == entry_flags{.seen = true, .deleted = true, .draft = true, .keywords = {"A", "b"}});
    CHECK(listed[1].received_at == m.now() - std::chrono::days(400));
    CHECK(listed[1].modseq == known.highest_modseq + 1);
    CHECK(listed[2].flags == entry_flags{});
    CHECK(core::read_all(*value(m.db.run(m.db->messages().read_content(listed[1].message, 3'000'000)))) == octets);
    CHECK(m.inbox().unread == 2);
    CHECK(m.used() == 3 + std::ssize(octets) + 4);
    CHECK(value(m.db.run(m.db->messages().list_events(m.alice.id, listed[1].id.value))).front().kind == "appended");
    CHECK(value(m.db.run(m.boxes().thread_arrivals({}, 100))) == 3);

    m.limit_quota(m.used() + 2);
    test::failure(m.append("123"), errc::over_quota);
    CHECK(value(m.append("12")) == 4);
    CHECK(m.count("message") == 4);
    m.box = {9'999};
    test::failure(m.append("1"), errc::not_found);
    CHECK(m.counters_are_right());
    CHECK(m.damages() == words{});
}

TEST_CASE("a mailbox's figures are counted, and whether it is subscribed to is kept") {
    imap_mail m(ON_BOTH_DATABASES);
    const auto figures = [&] {
        const auto counted = value(m.db.run(m.imap().count(m.alice.id, m.box)));
        return std::pair(counted.deleted, counted.size);
    };
    CHECK(figures() == std::pair<std::int64_t, std::int64_t>(0, 0));
    const auto one = m.receive("one", "12345\r\n").id;
    m.receive("two");
    m.add({one}, {.deleted = true});
    CHECK(figures() == std::pair<std::int64_t, std::int64_t>(1, 10));

    CHECK(m.inbox().subscribed);
    value(m.db.run(m.imap().subscribe(m.alice.id, m.box, false)));
    CHECK(!m.inbox().subscribed);
    CHECK(m.trash().subscribed);
    value(m.db.run(m.imap().subscribe(m.alice.id, m.box, true)));
    CHECK(m.inbox().subscribed);
    auto own = value(m.db.run(m.boxes().add(m.alice.id, "Own", m.now())));
    CHECK(own.subscribed);
    value(m.db.run(m.imap().subscribe(m.alice.id, own.id, false)));
    CHECK(!value(m.db.run(m.boxes().rename(m.alice.id, own.id, "Owned"))).subscribed);
}

namespace {

/// One of two who do everything at once with whatever is in the two mailboxes.
void work_on(test::open_database& db, account_id alice, mailbox_id box, mailbox_id bin, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        std::vector<entry_id> ids;
        for (const auto from : {box, bin}) {
            for (const auto& e : value(db.run(db->imap().list(alice, from, 0, 6)))) ids.push_back(e.id);
        }
        const auto now = db.clock.now();
        auto& imap = db->imap();
        value(db.run(imap.change_flags(alice, box, ids, {action::add, {.seen = round % 2 == 0, .deleted = true}}, {}, now)));
        value(
            db.run(imap.copy(alice, box, {ids.begin(), ids.begin() + std::min<std::ptrdiff_t>(2, std::ssize(ids))}, bin, now)));
        value(db.run(imap.move(alice, bin, ids, box, now)));
        value(db.run(imap.expunge(alice, box, {ids.begin(), ids.begin() + std::ssize(ids) / 3}, now)));
        value(db.run(imap.move(alice, box, ids, box, now)));
    }
}

}  // namespace

TEST_CASE("two processes that change the same mailboxes while mail comes in neither block for good nor lose count") {
    imap_mail m(ON_BOTH_DATABASES);
    for (int i = 0; i < 8; ++i) m.receive("m" + std::to_string(i));
    test::open_database other(m.place);
    test::open_database third(m.place);
    const auto work = [&](test::open_database& db) { work_on(db, m.alice.id, m.box, m.bin, 12); };
    auto first = std::async(std::launch::async, [&] { work(other); });
    auto second = std::async(std::launch::async, [&] { work(third); });
    for (int i = 0; i < 30; ++i) m.send({m.alice}, "n" + std::to_string(i));
    first.get();
    second.get();
    CHECK(m.counters_are_right());
    CHECK(m.damages() == words{});
}

}  // namespace imap_test
