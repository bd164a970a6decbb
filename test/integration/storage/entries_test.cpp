#include <optional>
#include <set>
#include <vector>

#include <boost/json/parse.hpp>

#include "mail.hpp"

namespace entries_test {

using namespace postern;
using namespace postern::storage;

namespace {

core::result<entry_page> page(test::mail& m, const account& of, mailbox_id box, std::optional<std::int64_t> before,
                              std::size_t limit) {
    return m.db.run(m.db->messages().list_entries(of.id, box, before, limit));
}

std::vector<std::string> subjects(const entry_page& p) {
    std::vector<std::string> all;
    for (const auto& e : p.entries) all.push_back(e.summary.subject);
    return all;
}

}  // namespace

TEST_CASE("an entry shows what was delivered, to the last field") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    auto d = m.letter({alice}, "Grüße 漢字 🙂", "octets");
    d.local[0].recipient = "Alice+tag@Example.TEST";
    const auto sent = d;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto inbox = m.mailbox(alice, mailbox_role::inbox);
    CHECK(inbox.total == 1);
    CHECK(inbox.unread == 1);
    CHECK(inbox.uid_next == 2);

    const auto listed = test::value(page(m, alice, inbox.id, {}, 10));
    REQUIRE(listed.entries.size() == 1);
    CHECK(listed.total == 1);
    CHECK(!listed.next_uid);
    const auto id = listed.entries[0].id;
    for (const auto& e : {listed.entries[0], test::value(m.db.run(m.db->messages().find_entry(alice.id, id.value))),
                          test::value(m.db.run(m.db->messages().find_entry(alice.id, sent.id.value)))}) {
        CHECK(e.id == id);
        CHECK(e.message == sent.id);
        CHECK(e.account == alice.id);
        CHECK(e.mailbox == inbox.id);
        CHECK(e.role == mailbox_role::inbox);
        CHECK(e.mailbox_name == "Inbox");
        CHECK(e.uid == 1);
        CHECK(e.modseq == m.mailbox(alice, mailbox_role::inbox).highest_modseq);
        CHECK(!e.seen);
        CHECK(!e.flagged);
        CHECK(e.received_at == sent.received_at);
        CHECK(e.delivered_to == "Alice+tag@Example.TEST");
        CHECK(e.size == 6);
        CHECK(e.summary.from == sent.summary.from);
        CHECK(e.summary.to == sent.summary.to);
        CHECK(e.summary.subject == sent.summary.subject);
        CHECK(e.summary.date == sent.summary.date);
        CHECK(e.summary.preview == sent.summary.preview);
        CHECK(e.summary.has_attachments);
        CHECK(e.summary.message_id == sent.summary.message_id);
        CHECK(e.summary.in_reply_to == sent.summary.in_reply_to);
        CHECK(e.summary.references == sent.summary.references);
    }
}

TEST_CASE("a message without a date, lists or anything else comes back without") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    auto first = m.letter({alice}, "full");  // so that nothing of this one is left in the next
    auto bare = m.letter({alice}, "bare", "");
    bare.summary = {};
    bare.events.clear();
    const auto id = bare.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(first))));
    test::value(m.db.run(m.db->messages().deliver(std::move(bare))));
    const auto listed = test::value(page(m, alice, m.mailbox(alice, mailbox_role::inbox).id, {}, 10));
    REQUIRE(listed.entries.size() == 2);
    const auto& found = listed.entries[0].message == id ? listed.entries[0] : listed.entries[1];
    CHECK(!found.summary.date);
    CHECK(found.summary.to.empty());
    CHECK(found.summary.references.empty());
    CHECK(found.summary.subject.empty());
    CHECK(!found.summary.has_attachments);
    CHECK(found.size == 0);
}

TEST_CASE("pages follow each other without gap or repetition, newest first") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    for (const auto* subject : {"a", "b", "c", "d", "e"}) m.send({alice}, subject);
    const auto inbox = m.mailbox(alice, mailbox_role::inbox).id;

    const auto first = test::value(page(m, alice, inbox, {}, 2));
    CHECK(subjects(first) == std::vector<std::string>{"e", "d"});
    CHECK(first.total == 5);
    CHECK(first.next_uid == 4);
    const auto second = test::value(page(m, alice, inbox, first.next_uid, 2));
    CHECK(subjects(second) == std::vector<std::string>{"c", "b"});
    const auto third = test::value(page(m, alice, inbox, second.next_uid, 2));
    CHECK(subjects(third) == std::vector<std::string>{"a"});
    CHECK(!third.next_uid);

    CHECK(!test::value(page(m, alice, inbox, {}, 5)).next_uid);  // a full page that is the last
    const auto beyond = test::value(page(m, alice, inbox, 1, 2));
    CHECK(beyond.entries.empty());
    CHECK(beyond.total == 5);
    CHECK(test::value(page(m, alice, m.mailbox(alice, mailbox_role::sent).id, {}, 10)).entries.empty());
}

TEST_CASE("a page has between 1 and 500 entries, whatever is asked") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    m.send({alice}, "a");
    m.send({alice}, "b");
    const auto inbox = m.mailbox(alice, mailbox_role::inbox).id;
    CHECK(test::value(page(m, alice, inbox, {}, 0)).entries.size() == 1);
    CHECK(test::value(page(m, alice, inbox, {}, SIZE_MAX)).entries.size() == 2);
    CHECK(test::value(page(m, alice, inbox, -5, 10)).entries.empty());
}

TEST_CASE("mail that arrives while somebody pages moves nothing on the pages to come") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    for (int i = 0; i < 20; ++i) m.send({alice}, "old" + std::to_string(i));
    const auto inbox = m.mailbox(alice, mailbox_role::inbox).id;

    std::vector<std::string> read;
    std::optional<std::int64_t> next;
    int arriving = 0;
    do {
        std::vector<std::optional<core::result<delivered>>> arrived(3);
        for (auto& outcome : arrived) {
            boost::asio::co_spawn(m.db.loop, m.db->messages().deliver(m.letter({alice}, "new" + std::to_string(arriving++))),
                                  [&outcome](std::exception_ptr, core::result<delivered> r) { outcome = std::move(r); });
        }
        const auto now = test::value(page(m, alice, inbox, next, 6));
        for (const auto& s : subjects(now)) {
            if (s.starts_with("old")) read.push_back(s);
        }
        next = now.next_uid;
        m.db.run_until([&] { return std::ranges::all_of(arrived, [](const auto& o) { return o.has_value(); }); });
    } while (next);
    std::vector<std::string> expected;
    for (int i = 19; i >= 0; --i) expected.push_back("old" + std::to_string(i));
    CHECK(read == expected);
}

TEST_CASE("what belongs to another account is not found") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    const auto message = m.send({bob}, "for bob");
    const auto inbox = m.mailbox(bob, mailbox_role::inbox).id;
    const auto entry = test::value(page(m, bob, inbox, {}, 1)).entries.at(0).id;
    test::failure(page(m, alice, inbox, {}, 10), errc::not_found);
    test::failure(page(m, bob, {4711}, {}, 10), errc::not_found);
    test::failure(m.db.run(m.db->messages().find_entry(alice.id, entry.value)), errc::not_found);
    test::failure(m.db.run(m.db->messages().find_entry(alice.id, message.value)), errc::not_found);
    test::failure(m.db.run(m.db->messages().find_entry(bob.id, 4'711'000)), errc::not_found);
    CHECK(test::value(m.db.run(m.db->messages().list_mailboxes({4711}))).empty());
}

TEST_CASE("a message in two accounts is found in each as its own") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    const auto message = m.send({alice, bob}, "for both");
    const auto to_alice = test::value(m.db.run(m.db->messages().find_entry(alice.id, message.value)));
    const auto to_bob = test::value(m.db.run(m.db->messages().find_entry(bob.id, message.value)));
    CHECK(to_alice.id != to_bob.id);
    CHECK(to_alice.account == alice.id);
    CHECK(to_bob.account == bob.id);
}

TEST_CASE("mailboxes come in the order people know, then their own by name") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    for (const auto* name : {"b", "A", "ä"}) {
        m.place.execute("INSERT INTO mailbox (account_id, name, uid_validity) VALUES (" + core::to_string(alice.id) + ", '" +
                        name + "', 1)");
    }
    std::vector<std::string> names;
    for (const auto& box : test::value(m.db.run(m.db->messages().list_mailboxes(alice.id)))) names.push_back(box.name);
    CHECK(names == std::vector<std::string>{"Inbox", "Sent", "Drafts", "Junk", "Trash", "Archive", "A", "b", "ä"});
}

TEST_CASE("a message is traced through its places and events") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto bob = m.account("bob");
    auto d = m.letter({alice, bob}, "traced", "1234567");
    d.reverse_path = "";
    d.recipients = {"Alice+x@example.test", "bob@EXAMPLE.test"};
    d.local[0].recipient = d.recipients[0];
    d.local[1].recipient = d.recipients[1];
    const auto sent = d;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto trace = test::value(m.db.run(m.db->messages().trace(sent.id)));
    CHECK(trace.id == sent.id);
    CHECK(trace.received_at == sent.received_at);
    CHECK(trace.reverse_path.empty());
    CHECK(trace.recipients == sent.recipients);
    CHECK(trace.size == 7);
    REQUIRE(trace.places.size() == 2);
    const auto& place = trace.places[0].account == alice.address ? trace.places[0] : trace.places[1];
    CHECK(place.account == alice.address);
    CHECK(place.mailbox == "Inbox");
    CHECK(place.uid == 1);
    CHECK(place.delivered_to == "Alice+x@example.test");
    REQUIRE(trace.events.size() == 3);
    CHECK(trace.events[0].kind == "received");
    CHECK(trace.events[0].at == sent.events[0].at);
    CHECK(trace.events[0].recipient.empty());
    CHECK(boost::json::parse(trace.events[0].detail) == boost::json::parse(sent.events[0].detail));
    CHECK(trace.events[1].kind == "delivered");
    test::failure(m.db.run(m.db->messages().trace({4'711'000})), errc::not_found);
}

TEST_CASE("the views show both folders to a person") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    auto d = m.letter({alice}, "seen by sql");
    d.local.push_back({alice.id, mailbox_role::sent, "alice@example.test", true});
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    CHECK(m.place.text("SELECT account FROM inbox WHERE subject = 'seen by sql'") == "alice@example.test");
    CHECK(m.place.number("SELECT count(*) FROM sent") == 1);
}

}  // namespace entries_test
