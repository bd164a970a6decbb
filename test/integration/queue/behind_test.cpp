#include "net/task_group.hpp"
#include "outgoing.hpp"
#include "queue/arrivals.hpp"
#include "queue/old_rows.hpp"
#include "queue/quota_notices.hpp"
#include "queue/search_indexer.hpp"

namespace behind_test {

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
    world.place.execute("UPDATE message SET octets = NULL WHERE id = (SELECT max(message_id) FROM mailbox_message)");
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
    REQUIRE(world.count("message_timeline") > 0);
    world.db.clock.advance(25h);
    const auto spawn = [&world](queue::retention keep) {
        world.tasks.spawn(queue::remove_old_rows(world.db.executor(), *world.db, world.db.clock, keep, core::logger()), "old");
    };
    SECTION("after their time") {
        spawn({.events = 24h});
        world.db.run_until([&] { return world.count("mailbox_change") + world.count("message_timeline") == 0; });
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
        CHECK(world.count("message_timeline") > 0);
    }
}

TEST_CASE("Trash and Junk are emptied in their time, and logins forgotten") {
    behind world(both());
    for (int i = 0; i < 3; ++i) world.receive("old");
    const auto alice =
        *world.db.run(world.db->accounts().find_account(storage::canonical_address{"alice", "example.test"})).value();
    const auto entry = world.place.number("SELECT min(id) FROM mailbox_message");
    REQUIRE(world.db.run(world.db->mailboxes().discard(alice.id, {{entry}}, {}, world.db.clock.now())));
    const auto junk =
        world.place.number("SELECT id FROM mailbox WHERE role = 'junk' AND account_id = " + core::to_string(alice.id));
    const storage::entry_change spam{.mailbox = storage::mailbox_id{junk}};
    const auto last = world.place.number("SELECT max(id) FROM mailbox_message");
    REQUIRE(world.db.run(world.db->mailboxes().change(alice.id, {{last}}, spam, {}, world.db.clock.now())));
    world.db->logins().note({alice.id, world.db.clock.now(), "192.0.2.1", "web", "b", true});
    world.db.run_until([&] { return world.count("login") == 1; });
    world.db.clock.advance(49h);
    const auto spawn = [&world](queue::retention keep) {
        world.tasks.spawn(queue::remove_old_rows(world.db.executor(), *world.db, world.db.clock, keep, core::logger()), "old");
    };
    SECTION("when it has come") {
        spawn({.trash = 48h, .junk = 50h, .logins = 48h});
        world.db.run_until([&] { return world.count("mailbox_message") == 2 && world.count("login") == 0; });
        CHECK(world.place.number("SELECT sum(total) FROM mailbox WHERE role = 'junk'") == 1);
        CHECK(world.place.number("SELECT sum(total) FROM mailbox WHERE role = 'inbox'") == 1);
    }
    SECTION("by two processes") {
        for (int i = 0; i < 2; ++i) spawn({.trash = 48h, .junk = 48h});
        world.db.run_until([&] { return world.count("mailbox_message") == 1; });
        CHECK(world.place.number("SELECT max(quota_used) FROM account") == 3);
        CHECK(world.count("login") == 1);
    }
}

TEST_CASE("an account is told by mail that its quota is nearly used up, and once") {
    behind world(both());
    world.receive("first");
    world.place.execute("UPDATE account SET quota_limit = 3");  // 3 octets of 3
    for (int i = 0; i < 2; ++i) {                               // two processes
        world.tasks.spawn(queue::tell_of_quotas(world.db.executor(), *world.db, world.db.clock, "mx.example.test", {}),
                          "quotas");
    }
    world.db.run_until([&] { return world.count("mailbox_message") == 2; });
    const auto alice =
        *world.db.run(world.db->accounts().find_account(storage::canonical_address{"alice", "example.test"})).value();
    const auto newest = world.place.number("SELECT max(id) FROM mailbox_message");
    const auto entry = world.db.run(world.db->messages().find_entry(alice.id, newest)).value();
    CHECK(entry.summary.subject == "Your mailboxes are 95 percent full");
    CHECK(entry.summary.from.address == "postmaster@mx.example.test");
    CHECK_FALSE(entry.seen);
    const auto octets = core::read_all(*world.db.run(world.db->messages().read_content(entry.message, 100'000)).value());
    CHECK_THAT(octets, Catch::StartsWith("Return-Path: <>\r\n") && Catch::Contains("\r\nAuto-Submitted: auto-generated\r\n") &&
                           Catch::Contains("alice@example.test"));
    world.db.run_until([&] { return world.count("account WHERE quota_told = 95") == 1; });
    CHECK(world.count("mailbox_message") == 2);
}

}  // namespace behind_test
