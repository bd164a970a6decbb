#include <string>

#include "running_server.hpp"
#include "test/catch.hpp"
#include "test/wait.hpp"

namespace session_limits_test {

using postern::config::limit_settings;
using postern::test::running_server;
using namespace std::chrono_literals;

TEST_CASE("after too many errors the next command is answered 421") {
    limit_settings limits;
    limits.smtp_errors = 3;
    running_server server(limits);
    auto client = server.greeted_client();
    client.play(R"(
        C: FROB
        S: 500 5.5.1
        C: MAIL FROM:a
        S: 501
        C: DATA
        S: 503
        C: NOOP
        S: 421 4.7.0
        S: <end>
    )");
    server.wait_until_idle();
}

TEST_CASE("an accepted message wipes out the errors before it") {
    limit_settings limits;
    limits.smtp_errors = 3;
    running_server server(limits);
    auto client = server.greeted_client();
    for (int i = 0; i < 3; ++i) {
        client.play(R"(
            C: MAIL FROM:<a@remote.test>
            S: 250
            C: RCPT TO:<nobody@example.test>
            S: 550
            C: RCPT TO:<nobody@example.test>
            S: 550
            C: RCPT TO:<alice@example.test>
            S: 250
            C: DATA
            S: 354
            C: .
            S: 250
        )");
    }
}

TEST_CASE("commands that lead to no message are limited") {
    limit_settings limits;
    limits.smtp_idle_commands = 5;
    running_server server(limits);
    auto client = server.greeted_client();  // EHLO is the first
    for (int i = 0; i < 4; ++i) client.play("C: NOOP\nS: 250\n");
    client.play("C: RSET\nS: 421 4.7.0\nS: <end>\n");
}

TEST_CASE("a line without end is answered once and not kept") {
    running_server server;
    auto client = server.greeted_client();
    client.send("NOOP " + std::string(3000, 'x'));
    CHECK(client.reply().starts_with("500 5.5.2"));
    for (int i = 0; i < 100; ++i) client.send(std::string(10'000, 'x'));
    client.play("C: NOOP\nC: NOOP\nS: 250\n");  // the first NOOP is the end of the endless line
}

TEST_CASE("a silent client is told and closed") {
    limit_settings limits;
    limits.smtp_command_timeout = 1s;
    limits.smtp_data_timeout = 1s;
    running_server server(limits);
    auto client = server.greeted_client();
    SECTION("between commands") {}
    SECTION("in a command") { client.send("NOO"); }
    SECTION("in a transaction") { client.play("C: MAIL FROM:<>\nS: 250\n"); }
    SECTION("in the data") {
        client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\n");
    }
    SECTION("in a chunk") {
        client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\n");
        client.send("BDAT 10\r\nabc");
    }
    SECTION("in a chunk that is refused") { client.send("BDAT 18446744073709551615\r\nabc"); }
    client.play("S: 421 4.4.2\nS: <end>\n");
    CHECK(server.store.delivered().empty());
    server.wait_until_idle();
}

TEST_CASE("a client that dribbles is ended all the same") {
    limit_settings limits;
    limits.smtp_command_timeout = 1s;
    limits.smtp_data_total_timeout = 1s;
    running_server server(limits);
    auto client = server.greeted_client();
    std::string octet = "x";
    SECTION("in a command") {}
    SECTION("in the data") { client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\nC: DATA\nS: 354\n"); }
    postern::test::wait_until([&] {
        client.send(octet);  // never silent, never done
        return server.sessions() == 0;
    });
    while (octet != "<end>" && !octet.starts_with("421 4.4.2")) octet = client.line();
    CHECK(octet.starts_with("421 4.4.2"));
}

TEST_CASE("connections are limited in all and per address, without harm to those that are there") {
    limit_settings limits;
    SECTION("in all") { limits.smtp_connections = 2; }
    SECTION("per address") { limits.smtp_connections_per_address = 2; }
    running_server server(limits);
    auto first = server.greeted_client();
    auto second = server.greeted_client();
    auto third = server.client();
    third.play("S: 421 4.7.0\nS: <end>\n");
    first.play("C: QUIT\nS: 221\nS: <end>\n");
    postern::test::wait_until([&] { return server.sessions() == 1; });
    auto fourth = server.greeted_client();
    second.play("C: NOOP\nS: 250\n");
}

}  // namespace session_limits_test
