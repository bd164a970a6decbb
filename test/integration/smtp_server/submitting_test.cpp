#include <algorithm>
#include <string>

#include "core/base64.hpp"
#include "receiving_server.hpp"
#include "test/catch.hpp"

namespace submitting_test {

using namespace postern;
using storage::mailbox_role;
using test::engine;
using test::receiving_server;
using test::smtp_dialogue;
using purpose = receiving_server::purpose;

namespace {

smtp_dialogue signed_in(const receiving_server& server, const std::string& name = "alice") {
    auto client = server.client();
    const auto login = std::string(1, '\0') + name + "@example.test" + '\0' + "correct horse";
    client.play("C: AUTH PLAIN " + core::encode_base64(login) + "\nS: 235 2.7.0\n");
    return client;
}

/// Says MAIL, RCPT for each and DATA, and sends a message of so many octets; the reply.
std::string submit(smtp_dialogue& client, const std::vector<std::string>& to, std::size_t size = 10,
                   const std::string& from = "alice@example.test") {
    client.play("C: MAIL FROM:<" + from + ">\nS: 250\n");
    for (const auto& each : to) client.play("C: RCPT TO:<" + each + "> NOTIFY=DELAY ORCPT=rfc822;x\nS: 250\n");
    client.play("C: DATA\nS: 354\n");
    client.send("From: " + from + "\r\nSubject: hello\r\n\r\n" + std::string(size, 'x') + "\r\n.\r\n");
    return client.reply();
}

core::message_id accepted(const std::string& reply) {
    INFO(reply);
    REQUIRE(reply.starts_with("250 2.0.0 "));
    return core::parse_id<core::message_id>(std::string_view(reply).substr(10, reply.find(' ', 10) - 10)).value();
}

std::int64_t in_mailbox(receiving_server& server, core::account_id account, mailbox_role role) {
    for (const auto& box : server.require(server.db.run(server.db->messages().list_mailboxes(account))))
        if (box.role == role) return box.total;
    return 0;
}

}  // namespace

TEST_CASE("a submitted message is in Sent, in inboxes and in the queue, together or not at all") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql), {}, purpose::submit);
    server.add_account("small", 2000);
    server.start();
    auto client = signed_in(server);
    const auto id = accepted(submit(client, {"bob@example.test", "alice@example.test", "c@Remote.TEST", "d@remote.test"}));
    // One of the recipients has no room: nobody gets it, and nothing is sent on.
    CHECK(submit(client, {"small@example.test", "c@remote.test"}, 4000).starts_with("452 4.2.2"));
    server.stop();

    for (const auto account : {server.alice, server.bob}) CHECK(in_mailbox(server, account, mailbox_role::inbox) == 1);
    CHECK(in_mailbox(server, server.alice, mailbox_role::sent) == 1);
    CHECK(in_mailbox(server, server.bob, mailbox_role::sent) == 0);
    const auto queued = server.require(server.db.run(server.db->queue().list({})));
    REQUIRE(queued.size() == 2);
    CHECK(queued[0].message == id);
    CHECK(queued[0].recipient == "c@Remote.TEST");
    CHECK(queued[0].destination == "remote.test");
    CHECK(queued[0].reverse_path == "alice@example.test");
    CHECK(queued[0].submitted_by == server.alice);
    CHECK(queued[0].notify == storage::dsn_notify{.given = true, .success = false, .failure = false, .delay = true});
    CHECK(queued[0].orcpt == "rfc822;x");
    const auto octets = server.octets(id);
    CHECK(octets.substr(static_cast<std::size_t>(queued[0].return_path_size)).starts_with("Received: from client.test"));
    CHECK(octets.contains("\r\nMessage-ID: <" + core::to_string(id) + "."));

    const auto events = server.require(server.db.run(server.db->messages().list_events(server.alice, id.value)));
    CHECK(std::ranges::count(events, "queued", &storage::message_event::kind) == 2);
    CHECK(std::ranges::count(events, "delivered", &storage::message_event::kind) == 2);
}

TEST_CASE("the sender's own mailbox has to have room for what is sent") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql), {}, purpose::submit);
    server.add_account("small", 2000);
    server.start();
    auto client = signed_in(server, "small");
    CHECK(submit(client, {"c@remote.test"}, 4000, "small@example.test").starts_with("552 5.2.2"));
    accepted(submit(client, {"c@remote.test"}, 10, "small@example.test"));
    server.stop();
    CHECK(server.require(server.db.run(server.db->queue().list({}))).size() == 1);
}

TEST_CASE("an account that is disabled or gone since it signed in sends nothing more") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql), {}, purpose::submit);
    const auto eve = server.add_account("eve");
    server.start();
    auto client = signed_in(server, "eve");
    accepted(submit(client, {"c@remote.test"}, 10, "eve@example.test"));
    boost::asio::co_spawn(server.db.loop, server.db->accounts().set_disabled(eve, true), boost::asio::use_future).get().value();
    client.play("C: MAIL FROM:<eve@example.test>\nS: 550 5.7.1\n");
    boost::asio::co_spawn(server.db.loop, server.db->accounts().set_disabled(eve, false), boost::asio::use_future)
        .get()
        .value();
    client.play("C: MAIL FROM:<eve@example.test>\nS: 250\nC: RCPT TO:<c@remote.test>\nS: 250\n");
    boost::asio::co_spawn(server.db.loop, server.db->accounts().remove_account(eve), boost::asio::use_future).get().value();
    client.play("C: DATA\nS: 354\n");
    client.send("From: eve@example.test\r\n\r\nx\r\n.\r\n");
    CHECK_FALSE(client.reply().starts_with("2"));
    server.stop();
}

TEST_CASE("a large submission is completed as it comes, and kept octet for octet") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql), {}, purpose::submit);
    server.start();
    auto client = signed_in(server);
    client.play("C: MAIL FROM:<alice@example.test>\nS: 250\nC: RCPT TO:<c@remote.test>\nS: 250\nC: DATA\nS: 354\n");
    std::string body;
    while (body.size() < (3 << 20)) body += "line " + std::to_string(body.size()) + "\r\n";
    client.send("From: alice@example.test\r\nBcc: hidden@remote.test\r\nSubject: large\r\n\r\n" + body + ".\r\n");
    const auto id = accepted(client.reply());
    server.stop();
    const auto content = server.require(server.db.run(server.db->messages().read_content(id, 8 << 20)));
    const auto octets = core::read_all(*content);
    CHECK(octets.contains("\r\nFrom: alice@example.test\r\nSubject: large\r\n\r\n"));
    CHECK((octets.substr(octets.size() - body.size()) == body));
}

}  // namespace submitting_test
