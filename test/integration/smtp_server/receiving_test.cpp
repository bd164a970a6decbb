#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "receiving_server.hpp"
#include "test/catch.hpp"
#include "test/wait.hpp"

namespace receiving_test {

using postern::config::limit_settings;
using postern::core::message_id;
using postern::core::parse_id;
using postern::test::engine;
using postern::test::receiving_server;
using postern::test::smtp_dialogue;

namespace {

std::string envelope(const std::string& to) {
    return "C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<" + to + ">\nS: 250\n";
}

/// The id in "250 2.0.0 <id> accepted".
message_id accepted(const std::string& reply) {
    INFO(reply);
    REQUIRE(reply.starts_with("250 2.0.0 "));
    const auto id = parse_id<message_id>(std::string_view(reply).substr(10, reply.find(' ', 10) - 10));
    REQUIRE(id);
    return *id;
}

message_id deliver(smtp_dialogue& client, const std::string& to, const std::string& message) {
    client.play(envelope(to) + "C: DATA\nS: 354\n");
    client.send(message + ".\r\n");
    return accepted(client.reply());
}

}  // namespace

TEST_CASE("an accepted message is in every recipient's inbox, once, byte for byte, and can be followed") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.start();
    auto client = server.client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test>
        S: 250
        C: RCPT TO:<Alice@EXAMPLE.test>
        S: 250
        C: RCPT TO:<alice+tag@example.test>
        S: 250
        C: RCPT TO:<bob@example.test.>
        S: 250
        C: DATA
        S: 354
        C: From: A <a@remote.test>
        C: Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
        C:
        C: ..dot
        C: .
    )");
    const auto id = accepted(client.reply());
    server.stop();

    const auto trace = server.require(server.db.run(server.db->messages().trace(id)));
    CHECK(trace.reverse_path == "a@remote.test");
    CHECK(trace.recipients.size() == 3);
    REQUIRE(trace.places.size() == 2);
    CHECK(trace.places[0].delivered_to == "Alice@EXAMPLE.test");
    CHECK(trace.places[1].delivered_to == "bob@example.test.");
    REQUIRE_FALSE(trace.events.empty());
    CHECK(trace.events[0].kind == "received");
    CHECK(trace.events[0].detail.find("\"ESMTP\"") != std::string::npos);  // a database may write JSON its own way

    const auto octets = server.octets(id);
    CHECK(octets.starts_with("Return-Path: <a@remote.test>\r\nReceived: from client.test "));
    CHECK(octets.ends_with("\r\nFrom: A <a@remote.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n.dot\r\n"));
    CHECK(trace.size == static_cast<std::int64_t>(octets.size()));
    for (const auto account : {server.alice, server.bob}) {
        const auto entry = server.require(server.db.run(server.db->messages().find_entry(account, id.value)));
        CHECK(entry.role == postern::storage::mailbox_role::inbox);
        CHECK(entry.summary.subject == "Grüße");
        CHECK_FALSE(entry.seen);
    }
}

TEST_CASE("the directory decides about recipients, and relays nothing") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.add_account("small", 10'000);
    const auto gone = server.add_account("gone");
    server.require(server.db.run(server.db->accounts().set_disabled(gone, true)));
    server.require(server.db.run(server.db->accounts().add_alias(
        {"team", "example.test"}, {{"alice", "example.test"}, {"bob", "example.test"}}, server.db.clock.now())));
    server.start();
    auto client = server.client();
    client.play("C: MAIL FROM:<a@remote.test> SIZE=20000\nS: 250\n");
    for (const auto& [to, reply] : std::vector<std::pair<std::string, std::string>>{
             {"team@example.test", "250 2.1.5"},
             {"postmaster", "250 2.1.5"},
             {"abuse@example.test", "250 2.1.5"},
             {"\"alice\"@example.test", "250 2.1.5"},
             {"nobody@example.test", "550 5.1.1"},
             {"gone@example.test", "550 5.2.1"},
             {"small@example.test", "552 5.2.2"},
             {"alice@elsewhere.test", "550 5.7.1"},
             {"alice@sub.example.test", "550 5.7.1"},
             {"alice@example.test.elsewhere.test", "550 5.7.1"},
             {"alice%elsewhere.test@example.test", "550 5.7.1"},
             {"elsewhere.test!alice@example.test", "550 5.7.1"},
             {"\"alice@elsewhere.test\"@example.test", "550 5.7.1"},
             {"@example.test:alice@elsewhere.test", "550 5.7.1"},
             {"alice@[127.0.0.1]", "550 5.7.1"},
         }) {
        INFO(to);
        client.play("C: RCPT TO:<" + to + ">\nS: " + reply + "\n");
    }
}

TEST_CASE("a catch-all takes unknown users, and no route through us") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.require(server.db.run(
        server.db->accounts().add_alias({"", "example.test"}, {{"alice", "example.test"}}, server.db.clock.now())));
    server.start();
    auto client = server.client();
    client.play("C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<nobody@example.test>\nS: 250\n");
    client.play("C: RCPT TO:<alice%elsewhere.test@example.test>\nS: 550 5.7.1\n");
}

TEST_CASE("quota holds at commit for what passed at RCPT") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.add_account("small", 5000);
    server.start();
    auto client = server.client();
    deliver(client, "small@example.test", "Subject: fits\r\n\r\n" + std::string(2000, 'x') + "\r\n");
    client.play(envelope("small@example.test") + "C: DATA\nS: 354\n");  // its size was not declared
    client.send("Subject: too much\r\n\r\n" + std::string(4000, 'x') + "\r\n.\r\n");
    CHECK(client.reply().starts_with("552 5.2.2"));
    client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<small@example.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\n");
    client.play("C: DATA\nS: 354\n");
    client.send("Subject: too much for one\r\n\r\n" + std::string(4000, 'x') + "\r\n.\r\n");
    CHECK(client.reply().starts_with("452 4.2.2"));
    server.stop();
    CHECK(server.place.number("select count(*) from message") == 1);
}

TEST_CASE("many sessions at once: every acknowledged message is stored, each under its own id") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql), [] {
        limit_settings l;
        l.memory_message_size = 50'000;
        return l;
    }());
    server.start();
    constexpr std::size_t sessions = 8;
    constexpr std::size_t messages = 12;
    std::vector<std::vector<std::string>> replies(sessions);
    {
        std::vector<std::jthread> threads;
        for (std::size_t s = 0; s < sessions; ++s) {
            threads.emplace_back([&, s] {
                smtp_dialogue client(server.at);
                client.reply();
                client.send("EHLO client.test\r\n");
                client.reply();
                for (std::size_t m = 0; m < messages; ++m) {
                    const auto size = m == 5 ? 200'000 : 100 * (m + 1);  // one of them through the spool file
                    std::string body;
                    while (body.size() < size) body += std::to_string(s) + ' ' + std::to_string(body.size()) + "\r\n";
                    client.send("MAIL FROM:<a@remote.test>\r\nRCPT TO:<" + std::string(s % 2 ? "alice" : "bob") +
                                "@example.test>\r\nDATA\r\n");
                    for (int i = 0; i < 3; ++i) client.reply();
                    client.send("Subject: x\r\n\r\n" + body + ".\r\n");
                    replies[s].push_back(client.reply());
                }
                client.send("QUIT\r\n");
                client.reply();
            });
        }
    }
    server.stop();
    std::set<std::int64_t> ids;
    for (const auto& each : replies)
        for (const auto& reply : each) ids.insert(accepted(reply).value);
    CHECK(ids.size() == sessions * messages);
    CHECK(server.place.number("select count(*) from message") == sessions * messages);
    for (const auto account : {server.alice, server.bob}) {
        const auto mailboxes = server.require(server.db.run(server.db->messages().list_mailboxes(account)));
        const auto inbox =
            std::ranges::find(mailboxes, postern::storage::mailbox_role::inbox, &postern::storage::mailbox::role);
        REQUIRE(inbox != mailboxes.end());
        CHECK(inbox->total == sessions * messages / 2);
    }
    CHECK(server.spool.in_memory() == 0);
}

TEST_CASE("a connection lost before the end of the data stores nothing") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.start();
    const std::vector<std::string> steps = {
        "MAIL FROM:<a@remote.test>\r\n", "RCPT TO:<alice@example.test>\r\n", "DATA\r\n", "Subject: x\r\n", "\r\nbody\r\n", "."};
    for (std::size_t last = 0; last < steps.size(); ++last) {
        auto client = server.client();
        for (std::size_t i = 0; i <= last; ++i) client.send(steps[i]);
        client.shut_down();
        while (client.line() != "<end>") continue;
    }
    server.stop();
    CHECK(server.place.number("select count(*) from message") == 0);
}

TEST_CASE("while the database is away recipients are 451, and the session goes on when it is back") {
    receiving_server server(engine::postgresql);
    server.start();
    auto client = server.client();
    deliver(client, "alice@example.test", "Subject: before\r\n\r\n");
    server.place.allow_connections(false);
    server.place.drop_sessions();
    client.play("C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 451 4.3.0\nC: RSET\nS: 250\n");
    server.place.allow_connections(true);
    client.play("C: MAIL FROM:<a@remote.test>\nS: 250\n");
    postern::test::wait_until([&] {  // reconnecting has its own backoff
        client.send("RCPT TO:<alice@example.test>\r\n");
        const auto reply = client.reply();
        REQUIRE((reply.starts_with("250") || reply.starts_with("451 4.3.0")));
        return reply.starts_with("250");
    });
    client.play("C: DATA\nS: 354\n");
    client.send("Subject: after\r\n\r\n.\r\n");
    accepted(client.reply());
    server.stop();
    CHECK(server.place.number("select count(*) from message") == 2);
}

}  // namespace receiving_test
