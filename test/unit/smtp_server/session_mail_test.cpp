#include <string>

#include "core/content.hpp"
#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_mail_test {

using postern::config::limit_settings;
using postern::core::account_id;
using postern::test::running_server;

TEST_CASE("each recipient is taken or refused for its own reason") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test>
        S: 250 2.1.0
        C: RCPT TO:<alice@example.test>
        S: 250 2.1.5
        C: RCPT TO:<nobody@example.test>
        S: 550 5.1.1
        C: RCPT TO:<disabled@example.test>
        S: 550 5.2.1
        C: RCPT TO:<full@example.test>
        S: 552 5.2.2
        C: RCPT TO:<down@example.test>
        S: 451 4.3.0
        C: RCPT TO:<user@elsewhere.test>
        S: 550 5.7.1
        C: RCPT TO:<>
        S: 501 5.1.3
        C: RCPT TO:<postmaster>
        S: 250 2.1.5
        C: RCPT TO:<POSTMASTER>
        S: 550
    )");
}

TEST_CASE("no spelling of a foreign recipient makes us a relay") {
    running_server server;
    auto client = server.greeted_client();
    client.play("C: MAIL FROM:<a@remote.test>\nS: 250\n");
    const std::string spelling = GENERATE(values<std::string>({
        "victim@elsewhere.test",
        "victim@ELSEWHERE.test",
        "victim@elsewhere.test.",
        "victim%elsewhere.test@example.test",      // the percent hack
        "elsewhere.test!victim@example.test",      // a bang path
        "\"victim@elsewhere.test\"@example.test",  // quoted
        "\"victim%elsewhere.test\"@example.test",
        "\"elsewhere.test!victim\"@example.test",
        "@example.test:victim@elsewhere.test",  // a source route through us
        "victim@[192.0.2.1]",
        "victim@[127.0.0.1]",
        "victim@xn--bcher-kva.test",
    }));
    client.play("C: RCPT TO:<" + spelling + ">\nS: 550 5.7.1\nC: DATA\nS: 554 5.5.1\n");
}

TEST_CASE("a source route is stepped over") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<@relay.test:a@remote.test>
        S: 250 2.1.0
        C: RCPT TO:<@mx.example.test:alice@example.test>
        S: 250 2.1.5
    )");
}

TEST_CASE("quota is asked with the size that was declared") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test> SIZE=2000
        S: 250 2.1.0
        C: RCPT TO:<small@example.test>
        S: 552 5.2.2
        C: RSET
        S: 250
        C: MAIL FROM:<a@remote.test> SIZE=500
        S: 250 2.1.0
        C: RCPT TO:<small@example.test>
        S: 250 2.1.5
    )");
}

TEST_CASE("the parameters of MAIL and RCPT are checked") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test> SIZE=52428801
        S: 552 5.3.4 Message is too large: at most 50 MB are taken
        C: MAIL FROM:<a@remote.test> FROB=1
        S: 555 5.5.4
        C: MAIL FROM:<a@remote.test> BODY=9BIT
        S: 501 5.5.4
        C: MAIL FROM:<ü@remote.test>
        S: 550 5.6.7
        C: MAIL FROM:<ü@remote.test> SMTPUTF8 BODY=8BITMIME
        S: 250 2.1.0
        C: RCPT TO:<alice@example.test> NOTIFY=SOMETIMES
        S: 501 5.5.4
        C: RCPT TO:<alice@example.test> FROB=1
        S: 555 5.5.4
        C: MAIL FROM:<b@remote.test>
        S: 503 5.5.1
        C: RSET
        S: 250
        C: MAIL FROM:<a@remote.test>
        S: 250
        C: RCPT TO:<ü@example.test>
        S: 553 5.6.7
    )");
}

TEST_CASE("recipients beyond the limit are 452 and the others are delivered") {
    limit_settings limits;
    limits.recipients = 3;
    limits.smtp_errors = 2;  // 452 is no error of the client's (RFC 5321 4.5.3.1.10)
    running_server server(limits);
    auto client = server.greeted_client();
    client.play("C: MAIL FROM:<a@remote.test>\nS: 250\n");
    for (int i = 0; i < 3; ++i) client.play("C: RCPT TO:<alice+" + std::to_string(i) + "@example.test>\nS: 250 2.1.5\n");
    for (int i = 0; i < 5; ++i) client.play("C: RCPT TO:<alice+x@example.test>\nS: 452 4.5.3\n");
    client.play(R"(
        C: DATA
        S: 354
        C: .
        S: 250 2.0.0 1 accepted
    )");
    CHECK(server.store.delivered().at(0).recipients.size() == 3);
}

TEST_CASE("an account reached by several recipients gets one copy, for the first of them") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test>
        S: 250
        C: RCPT TO:<alice+one@example.test>
        S: 250
        C: RCPT TO:<team@example.test>
        S: 250
        C: RCPT TO:<bob@example.test>
        S: 250
        C: DATA
        S: 354
        C: Subject: x
        C:
        C: .
        S: 250 2.0.0 1 accepted
    )");
    const auto d = server.store.delivered().at(0);
    CHECK(d.recipients == std::vector<std::string>{"alice+one@example.test", "team@example.test", "bob@example.test"});
    REQUIRE(d.local.size() == 2);
    CHECK(d.local[0].account == account_id{1});
    CHECK(d.local[0].recipient == "alice+one@example.test");
    CHECK(d.local[1].account == account_id{2});
    CHECK(d.local[1].recipient == "team@example.test");
    CHECK(d.local[0].role == postern::storage::mailbox_role::inbox);
    CHECK_FALSE(d.local[0].seen);
}

TEST_CASE("a transaction leaves nothing to the next one, however it ended") {
    running_server server;
    auto client = server.greeted_client();
    const std::string end = GENERATE(values<std::string>({
        "C: RSET\nS: 250\n",
        "C: EHLO again.test\nS: 250-\nS: ...\n",
        "C: HELO again.test\nS: 250 \n",
        "C: DATA\nS: 354\nC: .\nS: 250\n",
        "C: BDAT 0 LAST\nS: 250\n",
    }));
    client.play("C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\n" + end);
    const auto before = server.store.delivered().size();
    client.play(R"(
        C: RCPT TO:<alice@example.test>
        S: 503 5.5.1
        C: MAIL FROM:<>
        S: 250
        C: RCPT TO:<bob@example.test>
        S: 250
        C: DATA
        S: 354
        C: .
        S: 250
    )");
    const auto d = server.store.delivered().at(before);
    CHECK(d.reverse_path.empty());
    CHECK(d.recipients == std::vector<std::string>{"bob@example.test"});
    REQUIRE(d.local.size() == 1);
    CHECK(d.local[0].account == account_id{2});
}

TEST_CASE("a session takes as many messages as it announced") {
    limit_settings limits;
    limits.messages_per_session = 2;
    running_server server(limits);
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<>
        S: 250
        C: RSET
        S: 250
        C: MAIL FROM:<>
        S: 250
        C: RSET
        S: 250
        C: MAIL FROM:<>
        S: 421 4.7.0
        S: <end>
    )");
}

}  // namespace session_mail_test
