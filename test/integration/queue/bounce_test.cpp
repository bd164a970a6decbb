#include "outgoing.hpp"

namespace bounce_test {

using namespace postern;
using namespace postern::test;
using namespace std::chrono_literals;

TEST_CASE("what is refused for good goes back to a sender of ours, in the transaction that ends it") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    server.say["RCPT"] = {"550 5.1.1 no such user"};
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    CHECK(world.queued() == 0);
    const auto bounces = world.inbox("alice");
    REQUIRE(bounces.size() == 1);
    CHECK_THAT(bounces[0], Catch::StartsWith("Return-Path: <>\r\n") && Catch::Contains("To: <alice@example.test>") &&
                               Catch::Contains("Final-Recipient: rfc822;bob@a.test") && Catch::Contains("Status: 5.1.1") &&
                               Catch::Contains("Remote-MTA: dns; mx1.world.test") &&
                               Catch::Contains("Diagnostic-Code: smtp; 550 5.1.1 no such user") &&
                               Catch::Contains("Content-Type: message/rfc822") && Catch::Contains("At noon?"));
    CHECK(world.events(id) == strings{"received", "queued bob@a.test", "bounced bob@a.test", "notified alice@example.test"});
}

TEST_CASE("one bounce tells of all recipients that failed, wherever they are, and not of those that did not") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& first = world.add_server();
    auto& second = world.add_server();
    world.mx("a.test", {0});
    world.mx("b.test", {1});
    world.start();
    first.say["RCPT"] = {"550 5.1.1 not one", "250 ok", "451 4.2.1 later"};
    second.say["RCPT"] = {"552 5.2.2 full"};
    const auto id =
        world.send("alice@example.test", {"one@a.test", "two@a.test", "three@a.test", "four@b.test", "five@none.test"});
    world.settle();
    const auto bounces = world.inbox("alice");
    REQUIRE(bounces.size() == 1);
    for (const auto* failed : {"one@a.test", "four@b.test", "five@none.test"})
        CHECK_THAT(bounces[0], Catch::Contains(std::string("Final-Recipient: rfc822;") + failed));
    for (const auto* other : {"two@a.test", "three@a.test"})
        CHECK_THAT(bounces[0], !Catch::Contains(std::string("Final-Recipient: rfc822;") + other));
    CHECK(world.queued() == 1);
    CHECK(world.events(id).back() == "notified alice@example.test");
}

TEST_CASE("recipients that were deferred together are told of together, whenever that is") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& first = world.add_server();
    auto& second = world.add_server();
    auto& third = world.add_server();
    world.mx("a.test", {0});
    world.mx("b.test", {1});
    world.mx("c.test", {2});
    world.settings.queue.expire = 20min;
    world.start();
    first.say["RCPT"] = {"451 4.2.1 later", "451 4.2.1 later", "550 5.1.1 never"};
    second.say["RCPT"] = {"451 4.2.1 later", "451 4.2.1 later", "550 5.1.1 never"};
    for (int i = 0; i < 9; ++i) third.say["RCPT"].push_back("451 4.2.1 later");
    const auto id = world.send("alice@example.test", {"one@a.test", "two@b.test", "three@c.test"});
    world.settle();
    CHECK(world.queued() == 3);
    for (int i = 0; i < 450 && world.queued() == 3; ++i) {
        world.pass(1s);
        CHECK(world.queued() != 2);
    }
    REQUIRE(world.inbox("alice").size() == 1);
    for (const auto* failed : {"one@a.test", "two@b.test"})
        CHECK_THAT(world.inbox("alice")[0], Catch::Contains(std::string("Final-Recipient: rfc822;") + failed));
    CHECK_THAT(world.inbox("alice")[0], !Catch::Contains("Final-Recipient: rfc822;three@c.test"));
    const auto events = world.events(id);
    CHECK(std::ranges::count(events, "deferred one@a.test") == 2);
    CHECK(std::ranges::count(events, "notified alice@example.test") == 1);
}

TEST_CASE("a slow destination does not keep the sender from hearing of the others for long") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& slow = world.add_server();
    auto& quick = world.add_server();
    world.mx("slow.test", {0});
    world.mx("quick.test", {1});
    world.settings.tell_together = 10ms;
    world.start();
    slow.say["CONNECT"] = {"<silence>"};
    quick.say["RCPT"] = {"550 5.1.1 no"};
    world.send("alice@example.test", {"bob@slow.test", "carol@quick.test"});
    world.db.run_until([&] { return world.queued() == 1; });
    REQUIRE(world.inbox("alice").size() == 1);
    world.stop(10ms);
}

TEST_CASE("nobody is told of the failure of a message without a sender") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    server.say["RCPT"] = {"550 5.1.1 no such user"};
    const auto id = world.send("", {"bob@a.test"});
    world.settle();
    CHECK(world.events(id) == strings{"received", "queued bob@a.test", "bounced bob@a.test"});
    CHECK(world.place.number("SELECT count(*) FROM message") == 1);
}

TEST_CASE("a remote sender's bounce goes through the queue, with the null reverse-path") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.mx("sender.test", {0});
    world.start();
    server.say["RCPT"] = {"550 5.1.1 no such user"};
    world.send("carol@sender.test", {"bob@a.test"});
    world.settle();
    REQUIRE(server.messages.size() == 1);
    CHECK(server.messages[0].sender == "<>");
    CHECK(server.messages[0].recipients == strings{"<carol@sender.test>"});
    CHECK_THAT(server.messages[0].octets, Catch::StartsWith("MIME-Version: 1.0\r\n"));
    CHECK(world.queued() == 0);
}

TEST_CASE("after its time a message is returned, with the last thing that was said about it") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.queue.expire = 10min;
    world.start();
    server.say["RCPT"] = {"451 4.2.1 later", "451 4.2.1 still later", "451 4.2.1 not ever"};
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    world.pass(2min);
    world.pass(8min);
    CHECK(world.queued() == 0);
    CHECK(world.events(id) == strings{"received", "queued bob@a.test", "deferred bob@a.test", "deferred bob@a.test",
                                      "expired bob@a.test", "notified alice@example.test"});
    REQUIRE(world.inbox("alice").size() == 1);
    CHECK_THAT(world.inbox("alice")[0], Catch::Contains("Action: failed") && Catch::Contains("not ever"));
}

TEST_CASE("a sender is told once that its message is delayed") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.settings.queue.delay_notice = 5min;
    world.start();
    for (int i = 0; i < 4; ++i) server.say["RCPT"].push_back("451 4.2.1 later");
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    world.pass(2min);
    CHECK(world.inbox("alice").empty());
    world.pass(6min);
    REQUIRE(world.inbox("alice").size() == 1);
    CHECK_THAT(world.inbox("alice")[0], Catch::Contains("Action: delayed") && Catch::Contains("Will-Retry-Until") &&
                                            Catch::Contains("text/rfc822-headers"));
    world.pass(6min);
    CHECK(world.inbox("alice").size() == 1);
    world.pass(6min);
    CHECK(world.events(id).back() == "relayed bob@a.test");
}

TEST_CASE("a success that was asked for is told by us where the host does not know how") {
    outgoing world(both());
    world.account("alice@example.test");
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    world.send("alice@example.test", {"bob@a.test"}, {.given = true, .success = true});
    world.settle();
    REQUIRE(world.inbox("alice").size() == 1);
    CHECK_THAT(world.inbox("alice")[0], Catch::Contains("Action: relayed"));

    server.extensions = "DSN";
    world.stop();
    world.start();
    world.send("alice@example.test", {"bob@a.test"}, {.given = true, .success = true});
    world.settle();
    CHECK(server.messages.back().recipients == strings{"<bob@a.test> NOTIFY=SUCCESS"});
    CHECK(world.inbox("alice").size() == 1);
}

TEST_CASE("a success in place that was asked for is told after the message is stored") {
    outgoing world(both());
    world.account("alice@example.test");
    world.account("bob@example.test");
    world.start();
    auto d = world.letter("alice@example.test", {});
    const auto bob = world.db.run(world.resolver.resolve("bob@example.test", 0)).value().front().account;
    d.recipients = {"bob@example.test"};
    d.local = {{.account = bob, .recipient = "bob@example.test"}};
    queue::success_report tell{.recipients = {{"bob@example.test", "rfc822;bobby@example.test"}}, .envid = "E1"};
    REQUIRE(world.db.run(world.scheduler->deliver(std::move(d), std::move(tell))));
    world.db.run_until([&] { return world.inbox("alice").size() == 1; });
    CHECK_THAT(world.inbox("alice")[0], Catch::Contains("Action: delivered") && Catch::Contains("Original-Envelope-Id: E1") &&
                                            Catch::Contains("Original-Recipient: rfc822;bobby@example.test"));
}

TEST_CASE("where the sender's inbox is full the outcome counts without its notice") {
    outgoing world(both());
    world.account("alice@example.test", 10);
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    server.say["RCPT"] = {"550 5.1.1 no such user"};
    const auto id = world.send("alice@example.test", {"bob@a.test"});
    world.settle();
    CHECK(world.queued() == 0);
    CHECK(world.events(id) == strings{"received", "queued bob@a.test", "bounced bob@a.test"});
}

TEST_CASE("an account that is gone gets no bounce, and nothing stays behind") {
    outgoing world(both());
    auto& server = world.add_server();
    world.mx("a.test", {0});
    world.start();
    server.say["RCPT"] = {"550 5.1.1 no such user"};
    world.send("gone@example.test", {"bob@a.test"});
    world.settle();
    CHECK(world.queued() == 0);
    CHECK(world.place.number("SELECT count(*) FROM message") == 1);
}

}  // namespace bounce_test
