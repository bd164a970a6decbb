#include <algorithm>
#include <chrono>
#include <string>

#include "core/base64.hpp"
#include "core/content.hpp"
#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_submission_test {

using namespace postern;
using config::limit_settings;
using core::encode_base64;
using storage::mailbox_role;
using test::running_server;
using test::smtp_dialogue;
using purpose = running_server::purpose;

namespace {

/// A client that has signed in.
smtp_dialogue signed_in(const running_server& server, const std::string& name = "alice") {
    smtp_dialogue client = server.client();
    client.start_tls();
    const auto login = encode_base64(std::string(1, '\0') + name + "@example.test" + '\0' + "secret");
    client.play("S: 220\nC: EHLO client.test\nS: 250-\nS: ...\nC: AUTH PLAIN " + login + "\nS: 235\n");
    return client;
}

std::string envelope(const std::string& from, const std::string& to) {
    return "C: MAIL FROM:<" + from + ">\nS: 250 2.1.0\nC: RCPT TO:<" + to + ">\nS: 250 2.1.5\nC: DATA\nS: 354\n";
}

constexpr auto from_alice = "C: From: Alice <alice@example.test>\nC: Subject: hello\nC:\nC: Hello.\nC: .\n";

}  // namespace

TEST_CASE("a submitted message is filed as sent, delivered here and queued for elsewhere, all at once") {
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    client.play(R"(
        C: MAIL FROM:<alice@example.test> RET=HDRS ENVID=QQ314159
        S: 250 2.1.0
        C: RCPT TO:<bob@example.test> NOTIFY=SUCCESS ORCPT=rfc822;Bob@example.test
        S: 250 2.1.5
        C: RCPT TO:<carol@Remote.TEST> NOTIFY=FAILURE,DELAY ORCPT=rfc822;carol+40remote.test
        S: 250 2.1.5
        C: RCPT TO:<carol@Remote.TEST>
        S: 250 2.1.5
        C: RCPT TO:<dave@[192.0.2.7]> NOTIFY=NEVER
        S: 250 2.1.5
        C: DATA
        S: 354
    )");
    client.play(from_alice);
    client.play("S: 250 2.0.0\n");
    REQUIRE(server.store.delivered().size() == 1);
    const auto d = server.store.delivered().front();
    CHECK(d.submitted_by == storage::account_id{1});
    REQUIRE(d.local.size() == 2);
    CHECK(d.local[0].account == storage::account_id{2});
    CHECK(d.local[0].role == mailbox_role::inbox);
    CHECK_FALSE(d.local[0].seen);
    CHECK(d.local[1].account == storage::account_id{1});
    CHECK(d.local[1].role == mailbox_role::sent);
    CHECK(d.local[1].seen);
    REQUIRE(d.remote.size() == 2);
    CHECK(d.remote[0].recipient == "carol@Remote.TEST");
    CHECK(d.remote[0].destination == "remote.test");
    CHECK(d.remote[0].notify == storage::dsn_notify{.given = true, .success = false, .failure = true, .delay = true});
    CHECK(d.remote[0].orcpt == "rfc822;carol@remote.test");
    CHECK(d.remote[1].destination == "[192.0.2.7]");
    CHECK(d.remote[1].notify.never());
    CHECK(d.outbound.ret == storage::dsn_return::headers);
    CHECK(d.outbound.envid == "QQ314159");
    CHECK(d.events.front().detail.contains(R"("account":"alice@example.test")"));
    REQUIRE(server.intake.told().size() == 1);
    REQUIRE(server.intake.told().front().recipients.size() == 1);
    CHECK(server.intake.told().front().recipients.front().recipient == "bob@example.test");
    CHECK(server.intake.told().front().recipients.front().orcpt == "rfc822;Bob@example.test");
    CHECK(server.intake.told().front().envid == "QQ314159");
}

TEST_CASE("a submitted message is completed, and who should not be seen in it is taken out") {
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    client.play(envelope("alice@example.test", "carol@remote.test"));
    client.play(
        "C: From: alice@example.test\nC: Bcc: secret@remote.test\nC:  and@another.test\nC: Subject: x\nC:\nC: body\nC: .\nS: "
        "250\n");
    const auto d = server.store.delivered().front();
    const auto octets = core::read_all(*d.octets);
    CHECK(octets.starts_with("Return-Path: <alice@example.test>\r\nReceived: from client.test ([127.0.0.1])"));
    CHECK(octets.contains(" with ESMTPSA\r\n"));
    CHECK(octets.contains("\r\nDate: Mon, 23 Nov 2026 05:10:00 +0000\r\n"));
    CHECK(octets.contains("\r\nMessage-ID: <1."));
    CHECK(octets.contains("@example.test>\r\n"));
    CHECK_FALSE(octets.contains("secret@"));
    CHECK_FALSE(octets.contains("another"));
    CHECK(octets.ends_with("\r\n\r\nbody\r\n"));
    CHECK(static_cast<std::size_t>(d.return_path_size) == octets.find("Received:"));
}

TEST_CASE("another server's message is not completed") {
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope("a@remote.test", "alice@example.test") + "C: Bcc: x@y.test\nC:\nC: body\nC: .\nS: 250\n");
    const auto octets = core::read_all(*server.store.delivered().front().octets);
    CHECK(octets.contains("Bcc: x@y.test"));
    CHECK_FALSE(octets.contains("Message-ID"));
}

TEST_CASE("nobody sends in another's name") {
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    SECTION("in the envelope") {
        const auto [from, answered] = GENERATE(table<std::string, std::string>({
            {"alice@example.test", "250"},
            {"alice+shop@example.test", "250"},
            {"team@example.test", "250"},
            {"bob@example.test", "550 5.7.1"},
            {"alice@remote.test", "550 5.7.1"},
            {"down@example.test", "451 4.3.0"},
        }));
        client.play("C: MAIL FROM:<" + from + ">\nS: " + answered + "\n");
    }
    SECTION("in the header") {
        const auto [header, answered] = GENERATE(table<std::string, std::string>({
            {"From: team@example.test", "250"},
            {"From: Alice <ALICE+x@example.test>", "550"},  // these recipients are told apart by case
            {"From: bob@example.test", "550 5.7.1"},
            {"From: alice@example.test, bob@example.test", "550 5.7.1"},
            {"From: alice@example.test\nC: Sender: bob@example.test", "550 5.7.1"},
            {"From: alice@example.test\nC: From: bob@example.test", "550 5.6.0"},
            {"From: nobody", "550 5.6.0"},
            {"From: down@example.test", "451 4.3.0"},
            {"Subject: who?", "250"},  // MAIL's
        }));
        client.play(envelope("alice@example.test", "bob@example.test") + "C: " + header +
                    "\nC:\nC: body\nC: .\nS: " + answered + "\n");
        CHECK(server.store.delivered().size() == (answered == "250" ? 1 : 0));
        client.play(envelope("alice@example.test", "bob@example.test") + from_alice + "S: 250\n");  // the session goes on
    }
}

TEST_CASE("the null sender is for notifications") {
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    client.play("C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<carol@remote.test>\nS: 250\nC: DATA\nS: 354\n");
    SECTION("which are reports") {
        client.play(
            "C: From: alice@example.test\nC: Content-Type: multipart/report; boundary=x\nC:\nC: --x--\nC: .\nS: 250 2.0.0\n");
        CHECK(server.store.delivered().front().reverse_path.empty());
    }
    SECTION("and no other message") {
        client.play(from_alice);
        client.play("S: 550 5.7.1\n");
        CHECK(server.store.delivered().empty());
    }
    SECTION("nor one in another's name") {
        client.play(
            "C: From: bob@example.test\nC: Content-Type: multipart/report; boundary=x\nC:\nC: --x--\nC: .\nS: 550 5.7.1\n");
    }
}

TEST_CASE("recipients of ours are checked at once, all others can be sent to") {
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    const auto [to, answered] = GENERATE(table<std::string, std::string>({
        {"bob@example.test", "250 2.1.5"},
        {"nobody@example.test", "550 5.1.1"},
        {"disabled@example.test", "550 5.2.1"},
        {"full@example.test", "552 5.2.2"},
        {"down@example.test", "451 4.3.0"},
        {"anybody@remote.test", "250 2.1.5"},
        {"uucp!style@remote.test", "250 2.1.5"},           // theirs to understand
        {"victim%remote.test@example.test", "550 5.1.1"},  // ours, and nobody
        {"\"victim@remote.test\"@example.test", "550 5.1.1"},
        {"someone@[192.0.2.1]", "250 2.1.5"},
        {"someone@[IPv6:2001:db8::1]", "250 2.1.5"},
    }));
    client.play("C: MAIL FROM:<alice@example.test>\nS: 250\nC: RCPT TO:<" + to + ">\nS: " + answered + "\n");
}

TEST_CASE("an account sends only so much an hour") {
    running_server server({}, purpose::submit_in_tls, {.messages_per_hour = 2, .recipients_per_hour = 3});
    auto client = signed_in(server);
    SECTION("messages") {
        for (int i = 0; i < 2; ++i) client.play(envelope("alice@example.test", "bob@example.test") + from_alice + "S: 250\n");
        client.play("C: MAIL FROM:<alice@example.test>\nS: 450 4.7.1\n");
        signed_in(server, "bob").play("C: MAIL FROM:<bob@example.test>\nS: 250\n");
        signed_in(server).play("C: MAIL FROM:<alice@example.test>\nS: 450 4.7.1\n");  // another session helps nothing
    }
    SECTION("recipients, of which those refused do not count") {
        client.play(R"(
            C: MAIL FROM:<alice@example.test>
            S: 250
            C: RCPT TO:<nobody@example.test>
            S: 550 5.1.1
            C: RCPT TO:<bob@example.test>
            S: 250
            C: RCPT TO:<a@remote.test>
            S: 250
            C: RCPT TO:<b@remote.test>
            S: 250
            C: RCPT TO:<c@remote.test>
            S: 450 4.7.1
            C: RSET
            S: 250
            C: MAIL FROM:<alice@example.test>
            S: 250
            C: RCPT TO:<bob@example.test>
            S: 450 4.7.1
        )");
    }
}

TEST_CASE("what a message needs on its way out is told by the message") {
    const auto c = GENERATE(table<std::string, std::string, std::string, storage::body_kind, bool>({
        // MAIL                    recipient             message                              body       utf8
        {"", "c@remote.test", "From: alice@example.test\r\n\r\nplain\r\n", storage::body_kind::seven_bit, false},
        {" BODY=8BITMIME SMTPUTF8", "c@remote.test", "From: alice@example.test\r\n\r\nplain\r\n", storage::body_kind::seven_bit,
         false},
        {"", "c@remote.test", "From: alice@example.test\r\n\r\n\xc3\xa4\r\n", storage::body_kind::eight_bit, false},
        {" SMTPUTF8", "c@remote.test", "From: alice@example.test\r\n\r\n\xc3\xa4\r\n", storage::body_kind::eight_bit, false},
        {" SMTPUTF8", "c@remote.test", "From: alice@example.test\r\nSubject: \xc3\xa4\r\n\r\nb\r\n",
         storage::body_kind::eight_bit, true},
        {" SMTPUTF8", "\xc3\xa4@remote.test", "From: alice@example.test\r\n\r\nb\r\n", storage::body_kind::seven_bit, true},
    }));
    const auto& [parameters, to, message, body, utf8] = c;
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    client.play("C: MAIL FROM:<alice@example.test>" + parameters + "\nS: 250\nC: RCPT TO:<" + to +
                ">\nS: 250\nC: DATA\nS: 354\n");
    client.send(message + ".\r\n");
    CHECK(client.line().starts_with("250 2.0.0"));
    const auto d = server.store.delivered().front();
    CHECK(d.outbound.body == body);
    CHECK(d.outbound.smtputf8 == utf8);
}

TEST_CASE("a submission that cannot be stored is not acknowledged") {
    running_server server({}, purpose::submit_in_tls);
    auto client = signed_in(server);
    const auto [failure, answered] = GENERATE(table<storage::errc, std::string>({
        {storage::errc::unavailable, "451 4.3.0"},
        {storage::errc::outcome_unknown, "451 4.3.0"},
        {storage::errc::over_quota, "552 5.2.2"},
        {storage::errc::account_gone, "450 4.2.1"},
    }));
    server.store.fail_deliveries(failure);
    client.play(envelope("alice@example.test", "carol@remote.test") + from_alice + "S: " + answered + "\n");
    server.store.fail_deliveries(std::nullopt);
    client.play(envelope("alice@example.test", "carol@remote.test") + from_alice + "S: 250 2.0.0\n");
}

TEST_CASE("another server may ask to be told of success, too") {
    running_server server;
    auto client = server.greeted_client();
    client.play(R"(
        C: MAIL FROM:<a@remote.test> ENVID=e1
        S: 250
        C: RCPT TO:<alice@example.test> NOTIFY=SUCCESS,FAILURE
        S: 250
        C: RCPT TO:<bob@example.test> NOTIFY=FAILURE
        S: 250
        C: DATA
        S: 354
        C: x
        C: .
        S: 250
    )");
    REQUIRE(server.intake.told().size() == 1);
    CHECK(server.intake.told().front().recipients.size() == 1);
    const auto d = server.store.delivered().front();
    CHECK_FALSE(d.submitted_by);
    CHECK(std::ranges::none_of(d.local, [](const auto& l) { return l.role == mailbox_role::sent; }));
}

}  // namespace session_submission_test
