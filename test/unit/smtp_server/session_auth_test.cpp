#include <chrono>
#include <string>

#include "core/base64.hpp"
#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_auth_test {

using postern::config::limit_settings;
using postern::core::encode_base64;
using postern::test::running_server;
using postern::test::smtp_dialogue;
using purpose = running_server::purpose;
using namespace std::chrono_literals;

namespace {

const std::string alice = encode_base64(std::string("\0alice@example.test\0secret", 26));

std::string plain(const std::string& login, const std::string& password) {
    return encode_base64(std::string(1, '\0') + login + '\0' + password);
}

/// A client that has begun TLS and said EHLO.
smtp_dialogue tls_client(const running_server& server) {
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 220\nC: <tls>\nC: EHLO client.test\nS: 250-\nS: ...\n");
    return client;
}

}  // namespace

TEST_CASE("on the submission port nothing is done in the clear but to begin TLS") {
    running_server server({}, purpose::submit);
    auto client = server.client();
    client.play(R"(
        S: 220 mx.example.test ESMTP
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
        S: 250-STARTTLS
        S: 250 LIMITS
        C: AUTH PLAIN AGEAYg==
        S: 538 5.7.11
        C: AUTH NONSENSE
        S: 538 5.7.11
        C: MAIL FROM:<alice@example.test>
        S: 530 5.7.0 Send STARTTLS
        C: RCPT TO:<bob@example.test>
        S: 503 5.5.1
        C: STARTTLS
        S: 220 2.0.0
        C: <tls>
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
        S: 250-AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN
        S: 250 LIMITS
        C: MAIL FROM:<alice@example.test>
        S: 530 5.7.0 Authentication
    )");
}

TEST_CASE("the port for implicit TLS greets in TLS and offers AUTH at once") {
    running_server server({}, purpose::submit_in_tls);
    auto client = server.client();
    client.start_tls();
    client.play(R"(
        S: 220 mx.example.test
        C: EHLO client.test
        S: 250-mx.example.test
        S: ...
        C: STARTTLS
        S: 503 5.5.1
        C: AUTH PLAIN )" +
                alice + R"(
        S: 235 2.7.0
        C: QUIT
        S: 221
        S: <end>
    )");
    auto in_the_clear = server.client();
    in_the_clear.send("EHLO client.test\r\n");
    auto heard = in_the_clear.line();
    CHECK_FALSE(heard.starts_with("220"));
    server.wait_until_idle();
}

TEST_CASE("before TLS 1.3 no mechanism that binds is offered") {
    running_server server({}, purpose::submit);
    auto client = server.greeted_client();
    client.play("C: STARTTLS\nS: 220\n");
    REQUIRE(client.try_tls("mx.example.test", TLS1_2_VERSION));
    client.send("EHLO client.test\r\n");
    std::string auth;
    for (auto line = client.line(); line.starts_with("250-"); line = client.line())
        if (line.starts_with("250-AUTH")) auth = line;
    CHECK(auth == "250-AUTH SCRAM-SHA-256 PLAIN LOGIN");
    client.play("C: AUTH SCRAM-SHA-256-PLUS\nS: 504 5.5.4\nC: AUTH PLAIN " + alice + "\nS: 235\n");
}

TEST_CASE("who connects over loopback may sign in without TLS where that is allowed") {
    running_server server({}, purpose::submit_in_plaintext);
    auto client = server.greeted_client();
    client.play("C: AUTH SCRAM-SHA-256-PLUS\nS: 504\n");  // nothing to bind to
    client.play("C: AUTH PLAIN " + alice + "\nS: 235 2.7.0\n");
    client.play("C: MAIL FROM:<alice@example.test>\nS: 250\n");
}

TEST_CASE("on port 25 nobody signs in") {
    running_server server;
    auto client = tls_client(server);
    client.play("C: AUTH PLAIN " + alice + "\nS: 502 5.5.1\nC: MAIL FROM:<a@remote.test>\nS: 250\n");
}

TEST_CASE("PLAIN and LOGIN, with and without an initial response") {
    running_server server({}, purpose::submit);
    auto client = tls_client(server);
    const auto user = encode_base64("alice@example.test");
    const auto password = encode_base64("secret");
    SECTION("PLAIN at once") { client.play("C: auth plain " + alice + "\nS: 235 2.7.0\n"); }
    SECTION("PLAIN when asked") { client.play("C: AUTH PLAIN\nS: 334 \nC: " + alice + "\nS: 235 2.7.0\n"); }
    SECTION("PLAIN before it is asked") { client.play("C: AUTH PLAIN\nC: " + alice + "\nS: 334 \nS: 235 2.7.0\n"); }
    SECTION("LOGIN") {
        client.play("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: " + user + "\nS: 334 UGFzc3dvcmQ6\nC: " + password +
                    "\nS: 235 2.7.0\n");
    }
    SECTION("LOGIN with the name at once") {
        client.play("C: AUTH LOGIN " + user + "\nS: 334 UGFzc3dvcmQ6\nC: " + password + "\nS: 235 2.7.0\n");
    }
    client.play("C: AUTH PLAIN " + alice + "\nS: 503 5.5.1\nC: MAIL FROM:<alice@example.test>\nS: 250\n");
    client.play("C: AUTH PLAIN " + alice + "\nS: 503 5.5.1\n");
}

TEST_CASE("an exchange that fails leaves the session as it was") {
    running_server server({}, purpose::submit);
    auto client = tls_client(server);
    const auto c = GENERATE_COPY(table<std::string, std::string>({
        {"C: AUTH PLAIN " + plain("alice@example.test", "wrong") + "\n", "535 5.7.8"},
        {"C: AUTH PLAIN " + plain("nobody@example.test", "secret") + "\n", "535 5.7.8"},
        {"C: AUTH PLAIN " + plain("disabled@example.test", "secret") + "\n", "535 5.7.8"},
        {"C: AUTH PLAIN " + plain("slow@example.test", "secret") + "\n", "454 4.7.0"},
        {"C: AUTH PLAIN " + plain("down@example.test", "secret") + "\n", "454 4.7.0"},
        {"C: AUTH PLAIN =\n", "501 5.5.2"},  // an empty response
        {"C: AUTH PLAIN not*base64\n", "501 5.5.2"},
        {"C: AUTH PLAIN\nS: 334 \nC: *\n", "501 5.7.0"},
        {"C: AUTH PLAIN\nS: 334 \nC: not base64\n", "501 5.5.2"},
        {"C: AUTH PLAIN\nS: 334 \nC:\n", "501 5.5.2"},
        {"C: AUTH LOGIN\nS: 334\nC: *\n", "501 5.7.0"},
        {"C: AUTH LOGIN\nS: 334\nC: " + encode_base64("alice@example.test") + "\nS: 334\nC: *\n", "501 5.7.0"},
        {"C: AUTH SCRAM-SHA-256 =\n", "501 5.5.2"},
        {"C: AUTH GSSAPI\n", "504 5.5.4"},
        {"C: AUTH\n", "501 5.5.4"},
        {"C: AUTH PLAIN a b\n", "501 5.5.4"},
    }));
    const auto& [said, answered] = c;
    client.play(said + "S: " + answered + "\n");
    client.play("C: MAIL FROM:<alice@example.test>\nS: 530 5.7.0\n");
    client.play("C: AUTH PLAIN " + alice + "\nS: 235 2.7.0\n");
}

TEST_CASE("before EHLO, and after HELO, AUTH has not been offered") {
    running_server server({}, purpose::submit_in_tls);
    auto client = server.client();
    client.start_tls();
    client.play("S: 220\nC: AUTH PLAIN " + alice + "\nS: 503 5.5.1\nC: HELO client.test\nS: 250\n");
    client.play("C: AUTH PLAIN " + alice + "\nS: 503 5.5.1\n");
}

TEST_CASE("a response may have 12,288 octets, and then no more") {
    running_server server({}, purpose::submit);
    auto client = tls_client(server);
    client.play("C: AUTH PLAIN\nS: 334 \n");
    client.send(std::string(12'284, 'A') + "\r\n");  // with CRLF 12,286: base64 comes in fours
    CHECK(client.line().starts_with("501 5.5.2"));   // read, and not what PLAIN says
    client.play("C: AUTH PLAIN\nS: 334 \n");
    client.send(std::string(12'288, 'A') + "\r\n");
    CHECK(client.line().starts_with("500 5.5.6"));
    client.send("AUTH PLAIN " + std::string(3000, 'A') + "\r\n");  // outside an exchange the limit is a command's
    CHECK(client.line().starts_with("500 5.5.2"));
    client.play("C: AUTH PLAIN " + alice + "\nS: 235 2.7.0\n");
}

TEST_CASE("guessing ends the session") {
    limit_settings limits;
    limits.smtp_errors = 3;
    running_server server(limits, purpose::submit);
    auto client = tls_client(server);
    const auto wrong = "C: AUTH PLAIN " + plain("alice@example.test", "guess") + "\nS: 535 5.7.8\n";
    client.play(wrong + wrong + wrong + "C: AUTH PLAIN " + alice + "\nS: 421 4.7.0\nS: <end>\n");
}

TEST_CASE("an exchange that does not go on is ended") {
    limit_settings limits;
    limits.smtp_command_timeout = 1s;
    running_server server(limits, purpose::submit);
    auto client = tls_client(server);
    client.play("C: AUTH LOGIN\nS: 334\n");
    SECTION("by silence") { client.play("S: 421 4.4.2\nS: <end>\n"); }
    SECTION("by a close") { client.close(); }
    SECTION("by the server's stop") {
        auto stopped = server.begin_stop(20s);
        client.play("S: 421 4.3.2\nS: <end>\n");
        CHECK(stopped.get());
        return;
    }
    server.wait_until_idle();
}

TEST_CASE("STARTTLS forgets who signed in before") {
    running_server server({}, purpose::submit_in_plaintext);
    auto client = server.greeted_client();
    client.play("C: AUTH PLAIN " + alice + "\nS: 235\nC: STARTTLS\nS: 220\nC: <tls>\nC: EHLO client.test\nS: 250-\nS: ...\n");
    client.play("C: MAIL FROM:<alice@example.test>\nS: 530 5.7.0\n");
}

}  // namespace session_auth_test
