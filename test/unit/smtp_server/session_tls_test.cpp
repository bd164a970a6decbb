#include <chrono>

#include "core/content.hpp"
#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_tls_test {

using postern::config::limit_settings;
using postern::test::running_server;
using postern::test::smtp_dialogue;
using namespace std::chrono_literals;

namespace {

constexpr auto message_in_tls = R"(
    C: EHLO client.test
    S: 250-mx.example.test
    S: ...
    C: MAIL FROM:<a@remote.test>
    S: 250 2.1.0
    C: RCPT TO:<alice@example.test>
    S: 250 2.1.5
    C: DATA
    S: 354
    C: Subject: hello
    C:
    C: .
    S: 250 2.0.0
)";

}  // namespace

TEST_CASE("STARTTLS begins anew, under TLS, and the message says so") {
    running_server server;
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 220 2.0.0\nC: <tls>\n");
    client.play(message_in_tls);
    client.play("C: QUIT\nS: 221\nS: <end>\n");
    server.wait_until_idle();
    REQUIRE(server.store.delivered().size() == 1);
    const auto stored = server.store.delivered().front();
    const auto octets = postern::core::read_all(*stored.octets);
    CHECK(octets.contains(" with ESMTPS\r\n\t(TLSv1.3) id "));
    CHECK(octets.contains(" tls TLS_"));
    CHECK(stored.events.front().detail.contains(R"("protocol":"ESMTPS")"));
    CHECK(stored.events.front().detail.contains(R"("tls":"TLSv1.3")"));
}

TEST_CASE("under TLS the session has forgotten everything, and STARTTLS is not offered again") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test>
        S: 250
        C: RCPT TO:<alice@example.test>
        S: 250
        C: STARTTLS
        S: 220 2.0.0
        C: <tls>
        C: DATA
        S: 503 5.5.1
        C: MAIL FROM:<a@remote.test>
        S: 503 5.5.1 Send EHLO
        C: STARTTLS
        S: 503 5.5.1 TLS is on
        C: EHLO client.test
        S: 250-mx.example.test
        S: 250-PIPELINING
        S: 250-SIZE
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-CHUNKING
        S: 250-BINARYMIME
        S: 250-DSN
        S: 250 LIMITS
        C: STARTTLS
        S: 503 5.5.1 TLS is on
    )");
}

TEST_CASE("STARTTLS comes after EHLO and alone") {
    running_server server;
    auto client = server.client();
    client.play(R"(
        S: 220
        C: STARTTLS
        S: 503 5.5.1
        C: HELO client.test
        S: 250
        C: STARTTLS
        S: 503 5.5.1
        C: EHLO client.test
        S: 250-
        S: ...
        C: STARTTLS now
        S: 501 5.5.4
        C: NOOP
        S: 250
    )");
}

TEST_CASE("a server without certificates does not know STARTTLS") {
    running_server server({}, running_server::purpose::receive_without_tls);
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 502 5.5.1\nC: NOOP\nS: 250\n");
}

TEST_CASE("commands put in behind STARTTLS are never carried out") {
    running_server server;
    auto client = server.greeted_client();
    SECTION("in the same segment") {
        // What one in the middle writes in the clear would otherwise be taken for the words of the client (CVE-2011-0411).
        client.send("STARTTLS\r\nEHLO mallory.test\r\nMAIL FROM:<mallory@remote.test>\r\nRCPT TO:<alice@example.test>\r\n");
        CHECK(client.line() == "220 2.0.0 Ready to start TLS");
        client.start_tls();
    }
    SECTION("half of a command, to be completed under TLS") {
        client.send("STARTTLS\r\nMAIL FROM:<mallory@remote.test>\r\nRC");
        CHECK(client.line() == "220 2.0.0 Ready to start TLS");
        client.start_tls();
    }
    client.send("RCPT TO:<bob@example.test>\r\n");
    CHECK(client.line().starts_with("503 5.5.1"));
    client.play(message_in_tls);
    CHECK(server.store.delivered().size() == 1);
}

TEST_CASE("commands in the clear after the reply to STARTTLS end the connection") {
    running_server server;
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 220\n");
    client.send_in_the_clear("MAIL FROM:<mallory@remote.test>\r\n");
    for (auto heard = client.line(); heard != "<end>"; heard = client.line()) CHECK_FALSE(heard.starts_with("250"));
    server.wait_until_idle();
}

TEST_CASE("a handshake that fails costs the server nothing") {
    limit_settings limits;
    limits.smtp_command_timeout = 1s;
    running_server server(limits);
    SECTION("garbage") {
        auto client = server.greeted_client();
        client.play("C: STARTTLS\nS: 220\n");
        client.send_in_the_clear(std::string(10'000, '\xff'));
        while (!client.line().starts_with("<end")) continue;
    }
    SECTION("a close") {
        auto client = server.greeted_client();
        client.play("C: STARTTLS\nS: 220\n");
        client.close();
    }
    SECTION("silence, until the time for it is over") {
        auto client = server.greeted_client();
        client.play("C: STARTTLS\nS: 220\nS: <end>\n");
    }
    SECTION("a stop meanwhile") {
        auto client = server.greeted_client();
        client.play("C: STARTTLS\nS: 220\n");
        CHECK(server.stop(20s));
        CHECK(client.line() == "<end>");
        return;
    }
    server.wait_until_idle();
    auto next = server.greeted_client();
    next.play("C: STARTTLS\nS: 220 2.0.0\nC: <tls>\n");
    next.play(message_in_tls);
}

TEST_CASE("octets in the clear within a TLS session end it, and nothing of them is taken") {
    running_server server;
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 220\nC: <tls>\nC: EHLO client.test\nS: 250-\nS: ...\n");
    client.send_in_the_clear("MAIL FROM:<mallory@remote.test>\r\n");
    CHECK(client.line() == "<end>");
    server.wait_until_idle();
}

TEST_CASE("a session under TLS ends as others do") {
    limit_settings limits;
    limits.smtp_command_timeout = 1s;
    running_server server(limits);
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 220\nC: <tls>\nC: EHLO client.test\nS: 250-\nS: ...\n");
    SECTION("after silence") { client.play("S: 421 4.4.2\nS: <end>\n"); }
    SECTION("when the server stops") {
        auto stopped = server.begin_stop(20s);
        client.play("S: 421 4.3.2\nS: <end>\n");
        CHECK(stopped.get());
    }
    SECTION("after a transaction, when the server stops in it") {
        client.play("C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\nC: DATA\nS: 354\n");
        auto stopped = server.begin_stop(20s);
        client.play("C: x\nC: .\nS: 250 2.0.0\nS: 421 4.3.2\nS: <end>\n");
        CHECK(stopped.get());
    }
}

}  // namespace session_tls_test
