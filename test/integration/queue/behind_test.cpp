#include "net/task_group.hpp"
#include "outgoing.hpp"
#include "queue/arrivals.hpp"
#include "queue/old_rows.hpp"
#include "queue/search_indexer.hpp"

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

namespace {

/// The work behind everybody's back.
struct behind : outgoing {
    explicit behind(engine on) : outgoing(on), tasks(db.executor(), core::logger()) { account("alice@example.test"); }
    ~behind() {
        tasks.cancel();
        db.run(tasks.wait(10s));
    }

    void receive(const std::string& subject) {
        storage::delivery d;
        const auto alice = *db.run(db->accounts().find_account(storage::canonical_address{"alice", "example.test"})).value();
        d.id = db.run(db->messages().next_id()).value();
        d.received_at = db.clock.now();
        d.summary.message_id = subject + "@x";
        d.summary.references = {"root@x"};
        d.octets = std::make_shared<core::memory_content>("x\r\n");
        d.local = {{alice.id, storage::mailbox_role::inbox, "alice@example.test", false}};
        d.events = {{db.clock.now(), "received", "", "{}"}};
        REQUIRE(db.run(db->messages().deliver(std::move(d))));
    }
    std::int64_t count(const std::string& of) { return place.number("SELECT count(*) FROM " + of); }

    net::task_group tasks;
};

}  // namespace

TEST_CASE("what was left from before and what arrives gets its thread") {
    behind world(both());
    world.receive("early");
    world.tasks.spawn(queue::thread_arrivals(world.db.executor(), *world.db, core::logger()), "arrivals");
    world.db.run_until([&] { return world.count("mailbox_message WHERE thread_id IS NOT NULL") == 1; });
    for (const auto* subject : {"a", "b", "c"}) world.receive(subject);
    world.db.run_until([&] { return world.count("mailbox_message WHERE thread_id IS NOT NULL") == 4; });
    CHECK(world.place.number("SELECT count(DISTINCT thread_id) FROM mailbox_message") == 1);
}

TEST_CASE("what was left from before and what arrives can be found; what cannot be read holds nothing up") {
    behind world(both());
    world.receive("early");
    world.receive("broken");
    world.place.execute("DELETE FROM message_content WHERE message_id = (SELECT max(message_id) FROM mailbox_message)");
    world.tasks.spawn(queue::index_arrivals(world.db.executor(), *world.db, core::logger()), "search index");
    world.db.run_until([&] { return world.count("search_progress WHERE indexed_uid = 3") == 1; });
    CHECK(world.count("search_document") == 1);
    for (int i = 0; i < 45; ++i) world.receive("later");
    world.db.run_until([&] { return world.count("search_document") == 46; });
    const auto alice =
        *world.db.run(world.db->accounts().find_account(storage::canonical_address{"alice", "example.test"})).value();
    const storage::search_criteria wanted{.terms = {{message::phrase_of("x").value()}}};
    CHECK(world.db.run(world.db->searches().search(alice.id, wanted, {}, 100)).value().entries.size() == 46);
}

TEST_CASE("what is old is removed, each kind in its time") {
    behind world(both());
    world.receive("old");
    const auto account = world.place.number("SELECT b.account_id FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id");
    const auto entry = world.place.number("SELECT id FROM mailbox_message");
    REQUIRE(world.db.run(world.db->mailboxes().change({account}, {{entry}}, {.seen = true}, {}, world.db.clock.now())));
    REQUIRE(world.count("mailbox_change") == 1);
    REQUIRE(world.count("message_event") > 0);
    world.db.clock.advance(25h);
    const auto spawn = [&world](queue::retention keep) {
        world.tasks.spawn(queue::remove_old_rows(world.db.executor(), *world.db, world.db.clock, keep, core::logger()), "old");
    };
    SECTION("after their time") {
        spawn({.events = 24h});
        world.db.run_until([&] { return world.count("mailbox_change") + world.count("message_event") == 0; });
        CHECK(world.count("mailbox_message") == 1);
    }
    SECTION("for good where they are to stay") {
        REQUIRE(world.db.run(world.db->web_sessions().add({.account = {account},
                                                           .created_at = world.db.clock.now(),
                                                           .expires_at = world.db.clock.now() - 1h,
                                                           .address = "",
                                                           .user_agent = ""})));
        spawn({.events = 0s});
        world.db.run_until([&] { return world.count("web_session") == 0; });
        CHECK(world.count("mailbox_change") == 1);
        CHECK(world.count("message_event") > 0);
    }
}
