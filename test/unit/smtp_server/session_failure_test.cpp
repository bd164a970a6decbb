#include <string>
#include <vector>

#include "running_server.hpp"
#include "test/catch.hpp"
#include "test/wait.hpp"

namespace session_failure_test {

using postern::storage::errc;
using postern::test::running_server;

namespace {

const std::string envelope =
    "EHLO client.test\r\nMAIL FROM:<a@remote.test>\r\nRCPT TO:<alice@example.test>\r\nRCPT TO:<bob@example.test>\r\n";
const std::string message = "Subject: x\r\n\r\n..\r\nbody\r\n";

}  // namespace

TEST_CASE("a connection lost at any octet before the end leaves nothing behind") {
    const std::string whole =
        GENERATE(envelope + "DATA\r\n" + message + ".\r\n",
                 envelope + "BDAT 10\r\n" + message.substr(0, 10) + "BDAT 14 LAST\r\n" + message.substr(10));
    running_server server;
    REQUIRE(message.size() == 24);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        auto client = server.client();
        client.line();
        client.send(std::string_view(whole).substr(0, cut));
        if (cut % 2 == 0) client.shut_down();  // half closed, or closed
    }
    server.wait_until_idle();
    CHECK(server.store.delivered().empty());
    auto client = server.client();
    client.line();
    client.send(whole);
    client.shut_down();
    while (client.line() != "<end>") continue;
    server.wait_until_idle();
    CHECK(server.store.delivered().size() == 1);
}

TEST_CASE("a client that is gone before the answer leaves a stored message and no session") {
    running_server server;
    server.store.hold();
    {
        auto client = server.client();
        client.line();
        client.send(envelope + "DATA\r\n" + message + ".\r\n");
        postern::test::wait_until([&] { return server.store.held() > 0; });
    }
    server.store.release();
    server.wait_until_idle();
    CHECK(server.store.delivered().size() == 1);
}

TEST_CASE("nothing is acknowledged before it is stored") {
    running_server server;
    server.store.hold();
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test>
        S: 250
        C: RCPT TO:<alice@example.test>
        S: 250
        C: DATA
        S: 354
        C: .
    )");
    postern::test::wait_until([&] { return server.store.held() > 0; });
    server.store.fail_deliveries(errc::outcome_unknown);
    server.store.release();
    CHECK(client.reply().starts_with("451 4.3.0"));
}

TEST_CASE("a failure at each step is answered and the session goes on with the next message") {
    running_server server;
    auto client = server.greeted_client();
    for (const auto& [script, why] : std::vector<std::pair<std::string, std::string>>{
             {"C: MAIL FROM:<a@remote.test> SIZE=99999999999\nS: 552\n", "MAIL"},
             {"C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<down@example.test>\nS: 451\nC: RSET\nS: 250\n", "RCPT"},
             {"C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<down@example.test>\nS: 451\nC: DATA\nS: 554\nC: RSET\nS: 250\n", "DATA"},
             {"C: MAIL FROM:<>\nS: 250\nC: BDAT 0 LAST\nS: 503\n", "BDAT"},
         }) {
        INFO(why);
        client.play(script);
        client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\nC: DATA\nS: 354\nC: .\nS: 250\n");
    }
    CHECK(server.store.delivered().size() == 4);
}

}  // namespace session_failure_test
