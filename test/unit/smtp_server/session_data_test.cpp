#include <algorithm>
#include <string>

#include "core/content.hpp"
#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_data_test {

using postern::config::limit_settings;
using postern::storage::errc;
using postern::test::running_server;

namespace {

const std::string envelope = "C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\n";

std::string stored(const running_server& server, std::size_t n = 0) {
    return postern::core::read_all(*server.store.delivered().at(n).octets);
}

/// Sends `message`, which is dot-stuffed and ends with CRLF, and gives the answer to its end.
std::string deliver(postern::test::smtp_dialogue& client, const std::string& message) {
    client.play(envelope + "C: DATA\nS: 354\n");
    client.send(message + ".\r\n");
    return client.reply();
}

/// The message without our trace fields.
std::string without_trace(const std::string& whole) {
    const auto received = whole.find("Received: ");
    auto end = whole.find("\r\n", received);
    while (end != std::string::npos && whole.size() > end + 2 && (whole[end + 2] == ' ' || whole[end + 2] == '\t')) {
        end = whole.find("\r\n", end + 2);
    }
    return whole.substr(end + 2);
}

}  // namespace

TEST_CASE("an accepted message is stored byte for byte behind our trace fields") {
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope + R"(
        C: DATA
        S: 354
        C: Subject: hello
        C:
        C: ..a line with a dot
        C: Grüße
        C: .
        S: 250 2.0.0 1 accepted
        C: QUIT
        S: 221
    )");
    const auto whole = stored(server);
    CHECK(whole ==
          "Return-Path: <a@remote.test>\r\n"
          "Received: from client.test ([127.0.0.1]) by mx.example.test with ESMTP id 1\r\n"
          "\tfor <alice@example.test>; Mon, 23 Nov 2026 05:10:00 +0000\r\n"
          "Subject: hello\r\n\r\n.a line with a dot\r\nGrüße\r\n");
    const auto d = server.store.delivered().at(0);
    CHECK(d.id == postern::core::message_id{1});
    CHECK(d.reverse_path == "a@remote.test");
    CHECK(whole.substr(0, static_cast<std::size_t>(d.return_path_size)) == "Return-Path: <a@remote.test>\r\n");
    CHECK(d.received_at == server.clock.now());
    CHECK(d.summary.subject == "hello");
    REQUIRE(d.events.size() == 1);
    CHECK(d.events[0].kind == "received");
    CHECK(d.events[0].detail ==
          R"({"client":"127.0.0.1","helo":"client.test","protocol":"ESMTP","size":)" + std::to_string(whole.size()) + "}");
}

TEST_CASE("the sender's Return-Path goes, ours stands once; several recipients are not named to each other") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<>
        S: 250
        C: RCPT TO:<alice@example.test>
        S: 250
        C: RCPT TO:<bob@example.test>
        S: 250
        C: DATA
        S: 354
        C: Return-Path: <forged@remote.test>
        C: From: a@remote.test
        C:
        C: Return-Path: <body>
        C: .
        S: 250 2.0.0
    )");
    const auto whole = stored(server);
    CHECK(whole.starts_with("Return-Path: <>\r\nReceived: "));
    CHECK(without_trace(whole) == "From: a@remote.test\r\n\r\nReturn-Path: <body>\r\n");
    CHECK(whole.find(" for ") == std::string::npos);
}

TEST_CASE("the protocol in the trace says how the message came") {
    struct row {
        std::string hello, parameters, protocol;
    };
    const auto c = GENERATE(values<row>({
        {"HELO client.test", "", "SMTP"},
        {"EHLO client.test", "", "ESMTP"},
        {"EHLO client.test", " SMTPUTF8", "UTF8SMTP"},
    }));
    running_server server;
    auto client = server.client();
    client.play("S: 220\nC: " + c.hello + "\nS: 250\nS: ...\nC: MAIL FROM:<a@remote.test>" + c.parameters +
                "\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\nC: DATA\nS: 354\nC: .\nS: 250\n");
    CHECK(stored(server).find(" with " + c.protocol + " id 1") != std::string::npos);
}

TEST_CASE("a message with a bare CR, a bare LF or a NUL is read to its true end and refused, and never ends early") {
    const std::string nul(1, '\0');
    const std::string octets = GENERATE_COPY(values<std::string>({
        "a\nb\r\n", "a\rb\r\n", "a" + nul + "b\r\n",
        "a\n.\nMAIL FROM:<evil@remote.test>\r\n",          // smuggling: LF dot LF
        "a\r.\rMAIL FROM:<evil@remote.test>\r\n",          // CR dot CR
        "a\r\n.\nMAIL FROM:<evil@remote.test>\r\n",        // CRLF dot LF
        "a\n.\r\nMAIL FROM:<evil@remote.test>\r\n",        // LF dot CRLF
        "a\r\n.\rMAIL FROM:<evil@remote.test>\r\n",        // CRLF dot CR
        "a\r\r\n.\r\r\nMAIL FROM:<evil@remote.test>\r\n",  // CR CRLF
    }));
    running_server server;
    auto client = server.greeted_client();
    CHECK(deliver(client, octets).starts_with("550 5.6.0"));
    client.play("C: NOOP\nS: 250 2.0.0\n");  // nothing of it was taken for a command
    CHECK(server.store.delivered().empty());
}

TEST_CASE("a bare LF or CR in a command is an error and does not end it") {
    running_server server;
    auto client = server.greeted_client();
    client.send("MAIL FROM:<a@remote.test>\nRCPT TO:<alice@example.test>\r\n");
    CHECK(client.reply().starts_with("500 5.5.2"));
    client.send("NOOP\rNOOP\r\n");
    CHECK(client.reply().starts_with("500 5.5.2"));
    client.play("C: RCPT TO:<alice@example.test>\nS: 503\n");
}

TEST_CASE("a message over the limit is read to its end, refused, and costs no memory") {
    limit_settings limits;
    limits.message_size = 100'000;
    running_server server(limits);
    auto client = server.greeted_client();
    const std::string line = std::string(98, 'x') + "\r\n";
    std::string exactly;
    for (int i = 0; i < 1000; ++i) exactly += line;
    CHECK(deliver(client, exactly).starts_with("250 2.0.0"));  // trace fields are not the client's
    CHECK(deliver(client, exactly + "\r\n") == "552 5.3.4 Message is too large: at most 100000 octets are taken");
    std::string far_over;
    for (int i = 0; i < 20; ++i) far_over += exactly;
    CHECK(deliver(client, far_over).starts_with("552 5.3.4"));
    CHECK(server.store.delivered().size() == 1);
    client.play("C: QUIT\nS: 221\n");
    server.wait_until_idle();
}

TEST_CASE("a large message goes through the spool file and comes out byte for byte") {
    limit_settings limits;
    limits.memory_message_size = 10'000;
    running_server server(limits);
    auto client = server.greeted_client();
    std::string message = "Subject: large\r\n\r\n";
    for (int i = 0; i < 60'000; ++i) message += "line " + std::to_string(i) + "\r\n";
    CHECK(deliver(client, message) == "250 2.0.0 1 accepted");
    const auto d = server.store.delivered().at(0);
    CHECK_FALSE(d.octets->in_memory());
    CHECK(without_trace(stored(server)) == message);
    CHECK(d.summary.subject == "large");
    client.play("C: QUIT\nS: 221\n");
    server.wait_until_idle();
}

TEST_CASE("a message that has been received too often goes round in circles") {
    running_server server;
    auto client = server.greeted_client();
    std::string received;
    for (int i = 0; i < 100; ++i) received += "Received: from a by b; date\r\n";
    CHECK(deliver(client, received + "\r\n").starts_with("250 2.0.0"));
    CHECK(deliver(client, "received: by c\r\n" + received + "\r\n").starts_with("554 5.4.6"));
    CHECK(deliver(client, received + "\r\nReceived: not a field any more\r\n").starts_with("250 2.0.0"));
}

TEST_CASE("what storage cannot do is a reply, and the session goes on") {
    struct row {
        errc failure;
        std::string reply;
    };
    const auto c = GENERATE(values<row>({
        {errc::unavailable, "451 4.3.0"},
        {errc::outcome_unknown, "451 4.3.0"},  // stored or not, nobody knows: never acknowledged
        {errc::failed, "451 4.3.0"},
        {errc::over_quota, "552 5.2.2"},
        {errc::some_over_quota, "452 4.2.2"},  // the next RCPT tells whose
        {errc::account_gone, "450 4.2.1"},
    }));
    running_server server;
    auto client = server.greeted_client();
    server.store.fail_deliveries(c.failure);
    CHECK(deliver(client, "Subject: x\r\n\r\n").starts_with(c.reply));
    server.store.fail_deliveries(std::nullopt);
    CHECK(deliver(client, "Subject: x\r\n\r\n").starts_with("250 2.0.0"));
    CHECK(server.store.delivered().size() == 1);
}

TEST_CASE("without a database no data is asked for") {
    running_server server;
    auto client = server.greeted_client();
    server.store.fail_ids(errc::unavailable);
    client.play(envelope + "C: DATA\nS: 451 4.3.0\n");
    server.store.fail_ids(std::nullopt);
    CHECK(deliver(client, "Subject: x\r\n\r\n").starts_with("250 2.0.0"));
}

TEST_CASE("the end of data is found in whatever pieces it comes") {
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope + "C: DATA\nS: 354\n");
    client.send_slowly("Subject: slow\r\n\r\n..\r\n.x\r\n\r\n.\r\nQUIT\r\n");
    CHECK(client.reply() == "250 2.0.0 1 accepted");
    CHECK(client.reply().starts_with("221"));
    CHECK(without_trace(stored(server)) == "Subject: slow\r\n\r\n.\r\nx\r\n\r\n");
}

}  // namespace session_data_test
