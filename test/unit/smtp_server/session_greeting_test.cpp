#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_greeting_test {

using postern::config::limit_settings;
using postern::test::running_server;

TEST_CASE("the server greets, lists what it offers, and says goodbye") {
    running_server server;
    auto client = server.client();
    client.play(R"(
        S: 220 mx.example.test ESMTP
        C: EHLO client.test
        S: 250-mx.example.test
        S: 250-PIPELINING
        S: 250-SIZE 52428800
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-CHUNKING
        S: 250-BINARYMIME
        S: 250-DSN
        S: 250-STARTTLS
        S: 250 LIMITS RCPTMAX=1000 MAILMAX=10000
        C: QUIT
        S: 221 2.0.0
        S: <end>
    )");
    server.wait_until_idle();
}

TEST_CASE("after HELO nothing is offered and nothing of ESMTP is taken") {
    running_server server;
    auto client = server.client();
    client.play(R"(
        S: 220
        C: HELO client.test
        S: 250 mx.example.test
        C: MAIL FROM:<a@remote.test> SIZE=100
        S: 555 5.5.4
        C: MAIL FROM:<a@remote.test>
        S: 250 2.1.0
        C: RCPT TO:<alice@example.test>
        S: 250 2.1.5
        C: BDAT 6 LAST
        C: QUIT
        S: 502 5.5.1
        C: QUIT
        S: 221
    )");
}

TEST_CASE("commands that need no transaction are answered at any time") {
    running_server server;
    auto client = server.client();
    client.play(R"(
        S: 220
        C: NOOP
        S: 250 2.0.0
        C: HELP
        S: 214 2.0.0
        C: VRFY alice
        S: 252 2.0.0
        C: EXPN team
        S: 502 5.5.1
        C: RSET
        S: 250 2.0.0
        C: TURN
        S: 500 5.5.1
        C: STARTTLS
        S: 503 5.5.1
        C: AUTH PLAIN AGEAYg==
        S: 502 5.5.1
        C: MAIL FROM:<>
        S: 503 5.5.1
        C: EHLO
        S: 501 5.5.4
        C: EHLO [127.0.0.1]
        S: 250-
        S: ...
        C: RCPT TO:<alice@example.test>
        S: 503 5.5.1
        C: DATA
        S: 503 5.5.1
        C: quit
        S: 221 2.0.0
    )");
}

TEST_CASE("a client that talks before the greeting is refused") {
    limit_settings limits;
    limits.smtp_greeting_delay = std::chrono::seconds(20);  // the client's octets end the wait
    running_server server(limits);
    auto client = server.client();
    client.play(R"(
        C: EHLO client.test
        C: MAIL FROM:<a@remote.test>
        S: 554 5.5.0
        S: <end>
    )");
    server.wait_until_idle();
}

TEST_CASE("a client that waits out the greeting's delay is welcome") {
    limit_settings limits;
    limits.smtp_greeting_delay = std::chrono::milliseconds(50);
    running_server server(limits);
    auto client = server.client();
    client.play(R"(
        S: 220
        C: QUIT
        S: 221
    )");
}

TEST_CASE("a client that leaves during the greeting's delay leaves nothing behind") {
    limit_settings limits;
    limits.smtp_greeting_delay = std::chrono::seconds(20);
    running_server server(limits);
    {
        const auto client = server.client();
    }
    server.wait_until_idle();
}

}  // namespace session_greeting_test
