#include "outgoing.hpp"

namespace scheduling_test {

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

TEST_CASE("a fresh message goes out at once, without our Return-Path, and leaves the queue") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    REQUIRE(server.messages.size() == 1);
    CHECK(server.messages[0].sender == "<alice@example.test>");
    CHECK(server.messages[0].octets == world.text);
    CHECK(world.queued() == 0);
    CHECK(world.events(id) == strings{"received", "queued bob@a.test", "relayed bob@a.test"});
    CHECK_THAT(world.detail(id, "relayed"), Catch::Contains("mx1.world.test") && Catch::Contains("127.0.0.1:") &&
                                                Catch::Contains("250") && Catch::Contains("seconds"));
}

TEST_CASE("recipients of one message at one destination share a transaction; other destinations have their own") {
    outgoing world(both());
    auto& first = world.add_server();
    auto& second = world.add_server();
    world.mx("a.test", {0});
    world.mx("b.test", {1});
    world.start();
    world.send("alice@example.test", {"one@a.test", "two@b.test", "three@a.test"});
    world.settle();
    REQUIRE(first.messages.size() == 1);
    CHECK(first.messages[0].recipients == strings{"<one@a.test>", "<three@a.test>"});
    REQUIRE(second.messages.size() == 1);
    CHECK(second.messages[0].recipients == strings{"<two@b.test>"});
}

TEST_CASE("messages to one destination reuse its connections, up to their bound") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.limits.connections_per_destination = 1;
    world.settings.couriers.max_messages = 4;
    world.start();
    for (int i = 0; i < 8; ++i) world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    CHECK(server.messages.size() == 8);
    CHECK(server.connections == 2);
}

TEST_CASE("a connection without work is kept for a moment, for whatever comes next") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.linger = 10s;
    world.start();
    for (int i = 0; i < 3; ++i) {
        world.send("alice@example.test", {"bob@a.test"});
        world.settle();
    }
    CHECK(server.messages.size() == 3);
    CHECK(server.connections == 1);
}

TEST_CASE("what a host defers is tried again when its time comes") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    server.say["RCPT"] = {"451 4.7.1 greylisted", "451 4.7.1 greylisted"};
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    CHECK(world.queued() == 1);
    CHECK(world.place.number("SELECT attempts FROM queue_item") == 1);
    CHECK(world.place.text("SELECT last_reply FROM queue_item") == "451 4.7.1 greylisted");
    CHECK(world.place.text("SELECT last_host FROM queue_item") == "mx1.world.test");
    world.pass(30s);
    CHECK(world.place.number("SELECT attempts FROM queue_item") == 1);
    world.pass(43s);  // a minute and its jitter
    CHECK(world.place.number("SELECT attempts FROM queue_item") == 2);
    world.pass(6min);
    CHECK(world.queued() == 0);
    CHECK(server.messages.size() == 1);
    CHECK(world.events(id) ==
          strings{"received", "queued bob@a.test", "deferred bob@a.test", "deferred bob@a.test", "relayed bob@a.test"});
    CHECK_THAT(world.detail(id, "deferred"), Catch::Contains("greylisted") && Catch::Contains("until"));
}

TEST_CASE("items that nobody works on are claimed, those of a dead process when their lease has run out") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    auto unleased = world.letter("alice@example.test", {"one@a.test"});
    REQUIRE(world.db.run(world.db->messages().deliver(std::move(unleased))));
    auto dead = world.letter("alice@example.test", {"two@a.test"});
    dead.lease_owner = "a process that died";
    dead.lease_until = world.db.clock.now() + 5min;
    REQUIRE(world.db.run(world.db->messages().deliver(std::move(dead))));
    world.start();
    world.db.run_until([&] { return server.messages.size() == 1; });
    world.wait_until_idle();
    CHECK(server.messages[0].recipients == strings{"<one@a.test>"});
    CHECK(world.queued() == 1);
    world.pass(5min);
    world.db.run_until([&] { return server.messages.size() == 2; });
    CHECK(server.messages[1].recipients == strings{"<two@a.test>"});
}

TEST_CASE("a destination that cannot be reached costs few connections, however much mail waits for it, and delays nobody") {
    outgoing world(both());
    auto& dead = world.add_server();
    auto& alive = world.add_server();
    world.mx("dead.test", {0});
    world.mx("alive.test", {1});
    for (int i = 0; i < 100; ++i) dead.say["CONNECT"].push_back("<close>");
    world.settings.limits.connections = 3;
    world.start();
    for (int i = 0; i < 30; ++i) world.send("alice@example.test", {"bob@dead.test"});
    world.send("alice@example.test", {"bob@alive.test"});
    world.settle();
    CHECK(alive.messages.size() == 1);
    CHECK(dead.connections <= queue::destination::while_unknown);
    CHECK(world.queued() == 30);
    CHECK(world.place.number("SELECT count(*) FROM message_event WHERE kind = 'deferred'") == 30);
    CHECK(world.place.number("SELECT count(*) FROM queue_item WHERE last_reply <> '' AND attempts = 1") == 30);
    dead.say.clear();
    world.pass(2min);
    world.settle();
    CHECK(dead.messages.size() == 30);
}

TEST_CASE("a host that says 421 gets fewer connections") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.linger = 0ms;
    world.start();
    world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    server.say["MAIL"] = {"421 4.3.2 too busy"};
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    CHECK(world.queued() == 1);
    CHECK_THAT(world.detail(id, "deferred"), Catch::Contains("421"));
    world.pass(2min);
    CHECK(server.messages.size() == 2);
}

TEST_CASE("under a backlog that memory does not hold the rest waits in the database and is claimed when there is room") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.limits = {.connections = 2, .connections_per_destination = 2, .items = 5, .items_per_destination = 5};
    world.start();
    for (int i = 0; i < 40; ++i) {
        auto d = world.letter("alice@example.test", {"bob@a.test"});
        REQUIRE(world.db.run(world.db->messages().deliver(std::move(d))));
    }
    world.scheduler->wake();
    std::size_t most = 0;
    world.db.run_until([&] {
        most = std::max(most, world.scheduler->items());
        return server.messages.size() == 40;
    });
    CHECK(most <= 5);
}

TEST_CASE("mail for a domain that has become ours is delivered in place") {
    outgoing world(both());
    world.add_server();
    world.account("alice@example.test");
    auto d = world.letter("alice@example.test", {"bob@new.test", "nobody@new.test"});
    const auto id = d.id;
    REQUIRE(world.db.run(world.db->messages().deliver(std::move(d))));
    REQUIRE(world.db.run(world.admin.add_domain("new.test")));
    world.account("bob@new.test");
    world.start();
    world.db.run_until([&] { return world.queued() == 0; });
    CHECK(world.events(id).size() == 6);
    CHECK_THAT(world.detail(id, "delivered"), Catch::Contains("delivered here"));
    CHECK_THAT(world.detail(id, "bounced"), Catch::Contains("no such user"));
    CHECK(world.place.number("SELECT count(*) FROM mailbox_message WHERE delivered_to = 'bob@new.test'") == 1);
    REQUIRE(world.inbox("alice").size() == 1);
    CHECK_THAT(world.inbox("alice")[0], Catch::Contains("nobody@new.test"));
}

TEST_CASE("a copy in place and its outcome are stored together or not at all") {
    const auto on = both();
    outgoing world(on);
    world.account("alice@example.test");
    auto d = world.letter("alice@example.test", {"bob@new.test"});
    const auto id = d.id;
    REQUIRE(world.db.run(world.db->messages().deliver(std::move(d))));
    REQUIRE(world.db.run(world.admin.add_domain("new.test")));
    world.account("bob@new.test");
    // The outcome cannot be written: what a crash between two transactions would come to.
    world.place.execute(on == test::engine::sqlite
                            ? "CREATE TRIGGER stays BEFORE DELETE ON queue_item BEGIN SELECT RAISE(ABORT, 'not now'); END"
                            : "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$; "
                              "CREATE TRIGGER stays BEFORE DELETE ON queue_item EXECUTE FUNCTION stays()");
    const auto copies = [&] {
        return world.place.number("SELECT count(*) FROM mailbox_message WHERE delivered_to = 'bob@new.test'");
    };
    world.start();
    world.wait_until_idle();
    CHECK(world.events(id).back() == "deferred bob@new.test");
    CHECK(copies() == 0);
    world.place.execute(on == test::engine::sqlite ? "DROP TRIGGER stays" : "DROP TRIGGER stays ON queue_item");
    world.pass(2min);
    CHECK(world.events(id).back() == "delivered bob@new.test");
    CHECK(copies() == 1);
    CHECK(world.queued() == 0);
}

TEST_CASE("a copy in place is delivered though the sender's inbox has no room for the notice") {
    outgoing world(both());
    world.account("alice@example.test", 10);
    auto d = world.letter("alice@example.test", {"bob@new.test"}, {.given = true, .success = true});
    const auto id = d.id;
    REQUIRE(world.db.run(world.db->messages().deliver(std::move(d))));
    REQUIRE(world.db.run(world.admin.add_domain("new.test")));
    world.account("bob@new.test");
    world.start();
    world.wait_until_idle();
    CHECK(world.events(id).back() == "delivered bob@new.test");
    CHECK(world.place.number("SELECT count(*) FROM mailbox_message WHERE delivered_to = 'bob@new.test'") == 1);
    CHECK(world.inbox("alice").empty());
}

TEST_CASE("a stop gives the leases back, and the next process goes on at once") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    server.say["CONNECT"] = {"<silence>"};
    world.send("alice@example.test", {"bob@a.test"});
    world.db.run_until([&] { return server.connections == 1; });
    world.stop(10ms);
    CHECK(world.queued() == 1);
    CHECK(world.leased() == 0);
    world.start();
    world.db.run_until([&] { return server.messages.size() == 1; });
}

}  // namespace scheduling_test
