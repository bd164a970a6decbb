#include "outgoing.hpp"

namespace recovery_test {

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

TEST_CASE("leases are renewed while work goes on, and a process that lost one does not decide any more") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.queue.lease = 2s;  // of real time for the renewals, of the test's clock for the rest
    world.start();
    server.say["RCPT"] = {"<silence>"};
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.db.run_until([&] { return !server.heard.empty() && server.heard.back().starts_with("RCPT"); });
    const auto first = world.place.text("SELECT lease_until FROM queue_item");
    world.db.clock.advance(1s);
    world.db.run_until([&] { return world.place.text("SELECT lease_until FROM queue_item") != first; });

    world.place.execute("UPDATE queue_item SET lease_owner = 'another'");
    world.stop(10ms);
    CHECK(world.place.number("SELECT count(*) FROM queue_item WHERE lease_owner = 'another'") == 1);
    CHECK(world.events(id) == strings{"received", "queued bob@a.test"});
}

TEST_CASE("work that takes longer than a lease goes on under the renewed one") {
    outgoing world(both());
    auto& slow = world.add_server();
    auto& next = world.add_server();
    world.mx("a.test", {0, 1});
    world.settings.queue.lease = 2s;
    world.sessions.timeouts.command = 3s;
    world.start();
    slow.say["RCPT"] = {"<silence>"};
    world.send("alice@example.test", {"bob@a.test"});
    world.db.run_until([&] { return !slow.heard.empty() && slow.heard.back().starts_with("RCPT"); });
    const auto first = world.place.text("SELECT lease_until FROM queue_item");
    world.db.clock.advance(1s);
    world.db.run_until([&] { return world.place.text("SELECT lease_until FROM queue_item") != first; });
    world.db.clock.advance(1500ms);  // the first lease is over
    world.db.run_until([&] { return next.messages.size() == 1; });
}

TEST_CASE("a connection that breaks before the final dot is tried again with the next host, behind it only later") {
    outgoing world(both());
    auto& first = world.add_server();
    auto& second = world.add_server();
    world.mx("a.test", {0, 1});
    world.settings.linger = 0ms;  // or the second host's connection would serve the next message too
    world.start();
    for (const auto* stage : {"EHLO", "MAIL", "RCPT", "DATA"}) {
        first.say[stage] = {"<close>"};
        second.messages.clear();
        world.send("alice@example.test", {"bob@a.test"});
        world.settle();
        INFO(stage);
        CHECK(second.messages.size() == 1);
        first.say.clear();
    }
    first.say["."] = {"<close>"};
    second.messages.clear();
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    CHECK(second.messages.empty());  // the first may have it: a second copy now would be two for sure
    CHECK(world.queued() == 1);
    CHECK_THAT(world.detail(id, "deferred"), Catch::Contains("not known"));
    world.pass(2min);
    CHECK(first.messages.size() == 1);
}

TEST_CASE("PostgreSQL: mail that another process stored is worked on without waiting for the next look") {
    outgoing world(engine::postgresql);
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    world.wait_until_idle();
    open_database another(world.place);
    auto d = world.letter("alice@example.test", {"bob@a.test"});
    REQUIRE(another.run(another->messages().deliver(std::move(d))));
    world.db.run_until([&] { return server.messages.size() == 1; });
}

}  // namespace recovery_test
