#include "smtp_server/server.hpp"

#include <string>

#include "running_server.hpp"
#include "test/catch.hpp"
#include "test/wait.hpp"

namespace server_test {

using postern::test::running_server;
using namespace std::chrono_literals;

TEST_CASE("on stop an idle session hears 421 at once and no connection is accepted") {
    running_server server;
    auto before = server.greeted_client();
    auto in_a_line = server.greeted_client();
    in_a_line.play("C: NOOP\nS: 250\n");
    in_a_line.send("NOO");
    auto stopped = server.begin_stop(600s);
    before.play("S: 421 4.3.2\nS: <end>\n");
    in_a_line.play("S: 421 4.3.2\nS: <end>\n");
    CHECK(stopped.get());
    CHECK_THROWS(server.client());
}

TEST_CASE("on stop a session in a transaction ends it and then hears 421") {
    running_server server;
    auto envelope = server.greeted_client();
    auto data = server.greeted_client();
    auto given_up = server.greeted_client();
    for (auto* each : {&envelope, &data, &given_up})
        each->play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\n");
    data.play("C: DATA\nS: 354\nC: Subject: x\n");
    auto stopped = server.begin_stop(600s);
    data.play("C: .\nC: MAIL FROM:<>\nS: 250 2.0.0 1 accepted\nS: 421 4.3.2\nS: <end>\n");
    envelope.play("C: DATA\nS: 354\nC: .\nS: 250 2.0.0 2 accepted\nS: 421 4.3.2\nS: <end>\n");
    given_up.play("C: RSET\nS: 250\nS: 421 4.3.2\nS: <end>\n");
    CHECK(stopped.get());
    CHECK(server.store.delivered().size() == 2);
}

TEST_CASE("on stop a commit under way is waited for and acknowledged") {
    running_server server;
    server.store.hold();
    auto client = server.greeted_client();
    client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\nC: DATA\nS: 354\nC: .\n");
    postern::test::wait_until([&] { return server.store.held() > 0; });
    auto stopped = server.begin_stop(600s);
    server.store.release();
    client.play("S: 250 2.0.0 1 accepted\nS: 421 4.3.2\nS: <end>\n");
    CHECK(stopped.get());
}

TEST_CASE("a session that does not end in time is cut off with 421 and stores nothing") {
    running_server server;
    auto client = server.greeted_client();
    client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@example.test>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\n");
    CHECK(server.stop(0s));
    client.play("S: 421 4.3.2\nS: <end>\n");
    CHECK(server.store.delivered().empty());
}

TEST_CASE("an endpoint that cannot be taken is named") {
    running_server server;
    postern::smtp_server::server second(server.loop.get_executor(),
                                        {.clock = server.clock,
                                         .store = server.store,
                                         .intake = server.intake,
                                         .policy = server.policy,
                                         .pool = server.pool,
                                         .spool = server.spool,
                                         .log = {}},
                                        "mx.example.test", {});
    const auto taken = second.open({{"127.0.0.1", server.at.port()}});
    REQUIRE_FALSE(taken);
    CHECK(taken.error().message() ==
          "cannot listen on 127.0.0.1:" + std::to_string(server.at.port()) + ": Address already in use");
    const auto wrong = second.open({{"localhost", 25}});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message() == "not an IPv4 or IPv6 address: localhost");
}

}  // namespace server_test
