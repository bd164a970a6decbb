#include "queue_mail.hpp"

namespace events_test {

using namespace postern;
using namespace postern::storage;
using namespace std::chrono_literals;
using test::queue_mail;

namespace {

std::vector<std::string> told(const std::vector<message_event>& events) {
    std::vector<std::string> all;
    for (const auto& event : events) all.push_back(event.kind + ' ' + event.recipient);
    return all;
}

}  // namespace

TEST_CASE("who submitted a message sees all that became of it, a recipient only what concerns it") {
    queue_mail m(ON_BOTH_DATABASES);
    const auto bob = m.account("bob");
    const auto carol = m.account("carol");
    auto d = m.outgoing({"dave@far.test"});
    d.local.push_back({bob.id, mailbox_role::inbox, "bob@example.test", false});
    d.local.push_back({carol.id, mailbox_role::inbox, "carol@example.test", false});  // perhaps a Bcc
    const auto id = d.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(d))));
    const auto seen_by = [&](const account& who, std::int64_t what) {
        return m.db.run(m.db->messages().list_events(who.id, what));
    };
    CHECK(told(test::value(seen_by(m.alice, id.value))) == std::vector<std::string>{"received ", "queued dave@far.test",
                                                                                    "delivered bob@example.test",
                                                                                    "delivered carol@example.test"});
    const std::vector<std::string> his{"received ", "delivered bob@example.test"};
    CHECK(told(test::value(seen_by(bob, id.value))) == his);
    const auto entry = test::value(m.db.run(m.db->messages().find_entry(bob.id, id.value))).id;
    CHECK(told(test::value(seen_by(bob, entry.value))) == his);
    test::failure(seen_by(carol, entry.value), errc::not_found);  // bob's
    const auto stranger = m.account("stranger");
    test::failure(seen_by(stranger, id.value), errc::not_found);
    test::failure(seen_by(m.alice, 4711), errc::not_found);

    // Its Sent copy gone, its sender still follows it by the id it was given.
    m.place.execute("DELETE FROM mailbox_message WHERE mailbox_id = " +
                    core::to_string(m.mailbox(m.alice, mailbox_role::sent).id));
    CHECK(test::value(seen_by(m.alice, id.value)).size() == 4);
}

TEST_CASE("old events go in bounded rounds, and with the last one a message that nobody holds") {
    queue_mail m(ON_BOTH_DATABASES);
    auto passing = m.outgoing({"bob@far.test"}, "passing");
    passing.local.clear();
    const auto passed = passing.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(passing))));
    test::value(m.conclude("w", {queue_mail::done(m.claim("w").at(0))}));
    const auto kept = m.send({m.alice}, "kept");
    auto waiting = m.outgoing({"bob@far.test"}, "waiting");
    waiting.local.clear();
    const auto queued = waiting.id;
    test::value(m.db.run(m.db->messages().deliver(std::move(waiting))));
    m.db.clock.advance(24h);
    const auto recent = m.send({m.alice}, "recent");
    REQUIRE(m.count("message_timeline") == 3 + 2 + 2 + 2);

    const auto remove = [&m](core::timestamp before, std::size_t limit) {
        return test::value(m.db.run(m.db->messages().remove_events_before(before, limit)));
    };
    CHECK(remove(m.now() - 48h, 100) == 0);
    const auto before = m.now() - 1h;
    CHECK(remove(before, 2) == 2);
    CHECK(remove(before, 1) == 1);
    CHECK(remove(before, 1000) > 0);
    CHECK(remove(before, 1000) == 0);
    CHECK(m.count("message_timeline") == 2);
    test::failure(m.db.run(m.db->messages().trace(passed)), errc::not_found);
    CHECK(test::value(m.db.run(m.db->messages().trace(kept))).places.size() == 1);
    CHECK(test::value(m.db.run(m.db->messages().trace(queued))).events.empty());
    CHECK(m.kinds(recent).size() == 2);

    // What was still on its way leaves a last event, and goes with it.
    auto outcome = queue_mail::done(m.claim("w").at(0));
    outcome.events[0].at = m.now();
    test::value(m.conclude("w", {outcome}));
    CHECK(m.kinds(queued) == std::vector<std::string>{"relayed"});
    CHECK(remove(m.now() + 1s, 1000) > 1);
    test::failure(m.db.run(m.db->messages().trace(queued)), errc::not_found);
    CHECK(m.count("message") == 2);
}

}  // namespace events_test
