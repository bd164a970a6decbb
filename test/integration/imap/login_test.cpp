#include "core/base64.hpp"
#include "imap_server.hpp"
#include "test/catch.hpp"

namespace login_test {

using namespace postern;
using test::engine;
using test::imap_dialogue;
using test::imap_server;

namespace {

std::string plain(const std::string& name, const std::string& password) {
    return core::encode_base64(std::string(1, '\0') + name + "@example.test" + '\0' + password);
}

config::limit_settings few_errors() {
    config::limit_settings limits;
    limits.imap_errors = 3;
    return limits;
}

}  // namespace

TEST_CASE("a client that signs in is told what it may use") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    imap_dialogue client(server.at);
    client.play(R"(
        S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ~
        C: a CAPABILITY
    )");
    const auto before = client.answer_to("a");
    CHECK(before.contains(" LITERAL+ "));
    CHECK(before.contains(" AUTH=PLAIN AUTH=LOGIN\n"));
    CHECK_FALSE(before.contains("LOGINDISABLED"));
    CHECK_FALSE(before.contains("STARTTLS"));
    client.play(R"(
        C: b LOGIN alice@example.test "correct horse"
        S: b OK [CAPABILITY IMAP4rev1 ~
    )");
    const auto after = client.ask("CAPABILITY");
    CHECK(after.starts_with("* CAPABILITY IMAP4rev1 "));
    CHECK_FALSE(after.contains("AUTH="));
    client.play(R"(
        C: c LOGIN bob@example.test "correct horse"
        S: c BAD ~
        C: d ID NIL
        S: * ID ("name" "Postern")
        S: d OK Done
        C: e NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: e OK Done
        C: f LOGOUT
        S: * BYE ~
        S: f OK Done
        S: <end>
    )");
}

TEST_CASE("a wrong password and an account that is not there are answered alike") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.client();
    client.play(R"(
        C: a LOGIN alice@example.test wrong
        S: a NO [AUTHENTICATIONFAILED] The address or the password is wrong
        C: b LOGIN nobody@example.test "correct horse"
        S: b NO [AUTHENTICATIONFAILED] The address or the password is wrong
        C: c LOGIN not-an-address "correct horse"
        S: c NO [AUTHENTICATIONFAILED] The address or the password is wrong
        C: d LOGIN alice@example.test {13+}
        C: correct horse
        S: d OK ~
    )");
}

TEST_CASE("a disabled account does not sign in, and is not told apart") {
    imap_server server(engine::sqlite);
    server.require(server.call(server.db->accounts().set_disabled(server.alice, true)));
    server.client().play(R"(
        C: a LOGIN alice@example.test "correct horse"
        S: a NO [AUTHENTICATIONFAILED] The address or the password is wrong
    )");
}

TEST_CASE("without TLS nobody signs in unless that is allowed") {
    imap_server server(engine::sqlite, {.allow_plaintext = false, .offers_tls = true});
    imap_dialogue client(server.at);
    const auto greeting = client.response();
    CHECK(greeting.contains(" STARTTLS LOGINDISABLED]"));
    CHECK_FALSE(greeting.contains("AUTH="));
    client.play("C: a LOGIN alice@example.test \"correct horse\"\nS: a NO [PRIVACYREQUIRED] ~\nC: b AUTHENTICATE PLAIN " +
                plain("alice", "correct horse") + "\nS: b NO [PRIVACYREQUIRED] ~\nC: c SELECT INBOX\nS: c BAD ~\n");
}

TEST_CASE("AUTHENTICATE takes its response with the command or after it, or is cancelled") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    const auto right = plain("alice", "correct horse");
    server.client().play("C: a AUTHENTICATE PLAIN " + right + "\nS: a OK [CAPABILITY ~\n");
    auto client = server.client();
    client.play("C: a AUTHENTICATE PLAIN\nS: +~\nC: *\nS: a BAD Cancelled~\n");
    client.play("C: b AUTHENTICATE PLAIN " + plain("alice", "wrong") + "\nS: b NO [AUTHENTICATIONFAILED] ~\n");
    client.play("C: c AUTHENTICATE PLAIN not*base64\nS: c BAD ~\nC: d AUTHENTICATE NTLM\nS: d NO [CANNOT] ~\n");
    client.play("C: e AUTHENTICATE PLAIN\nS: +~\nC: ????\nS: e BAD ~\n");
    client.play("C: f AUTHENTICATE LOGIN\nS: + " + core::encode_base64(std::string("Username:")) + "\n");
    client.play("C: *\nS: f BAD ~\n");
    client.play("C: g AUTHENTICATE plain\nS: +~\nC: " + right + "\nS: g OK [CAPABILITY ~\n");
}

TEST_CASE("what a person's own password cannot open is not offered, and an app password opens what is") {
    imap_server server(engine::sqlite);
    const auto made = server.call(server.app_passwords.add("alice@example.test", "phone"));
    REQUIRE(made);
    auto client = server.client();
    client.play("C: a AUTHENTICATE SCRAM-SHA-256 " + core::encode_base64("n,,n=alice@example.test,r=abcdef") + "\n");
    client.play("S: a NO [CANNOT] ~\n");
    const auto plain = std::string("\0alice@example.test\0", 20) + std::string(made->password.reveal());
    client.play("C: b AUTHENTICATE PLAIN " + core::encode_base64(plain) + "\nS: b OK ~\n");
}

TEST_CASE("a stranger's message is not waited for") {
    imap_server server(engine::sqlite);
    auto client = server.client();
    client.play("C: a APPEND INBOX {1000000+}\nS: * BYE ~\n");
}

TEST_CASE("what is said in the clear behind STARTTLS is not heard under TLS") {
    imap_server server(engine::sqlite, {.allow_plaintext = false, .offers_tls = true});
    auto client = server.client();
    client.play(R"(
        C: a STARTTLS
        C: b LOGIN alice@example.test "correct horse"
        S: a OK ~
        C: <tls>
        C: c CAPABILITY
    )");
    const auto told = client.answer_to("c");
    CHECK(told.starts_with("* CAPABILITY "));
    CHECK_FALSE(told.contains("STARTTLS"));
    CHECK_FALSE(told.contains("LOGINDISABLED"));
    CHECK(told.contains("AUTH=PLAIN"));
    client.play(R"(
        C: d STARTTLS
        S: d BAD ~
        C: e LOGIN alice@example.test "correct horse"
        S: e OK ~
        C: f SELECT INBOX
        S: ...
        S: f OK ~
    )");
}

TEST_CASE("where TLS begins at once the greeting is within it") {
    imap_server server(engine::sqlite, {.allow_plaintext = false, .begins = imap::beginning::in_tls});
    imap_dialogue client(server.at);
    client.raw.start_tls();
    client.play(R"(
        S: * OK [CAPABILITY ~
        C: a STARTTLS
        S: a BAD ~
        C: b LOGIN alice@example.test "correct horse"
        S: b OK ~
    )");
}

TEST_CASE("before signing in nothing but that is done") {
    imap_server server(engine::sqlite);
    auto client = server.client();
    for (const std::string command : {"SELECT INBOX", "LIST \"\" *", "STATUS INBOX (MESSAGES)", "CREATE x", "IDLE", "CLOSE",
                                      "FETCH 1 FLAGS", "ENABLE CONDSTORE", "APPEND INBOX {3}", "UNSELECT", "STARTTLS"})
        CHECK(client.end_of(command).starts_with("A BAD "));
    for (const std::string command : {"NOOP", "ID NIL", "CAPABILITY"}) CHECK(client.end_of(command).starts_with("A OK "));
}

TEST_CASE("before a mailbox is selected nothing is done to messages") {
    imap_server server(engine::sqlite);
    auto client = server.signed_in();
    for (const std::string command :
         {"FETCH 1 FLAGS", "UID FETCH 1 FLAGS", "STORE 1 FLAGS ()", "SEARCH ALL", "EXPUNGE", "COPY 1 INBOX", "CLOSE", "CHECK"})
        CHECK(client.end_of(command).starts_with("A BAD "));
}

TEST_CASE("a client that errs too often is sent away") {
    imap_server server(engine::sqlite, {.limits = few_errors()});
    auto client = server.client();
    client.play(R"(
        C: a NONSENSE
        C: b LOGIN alice@example.test wrong
        C: c SELECT
        C: d NOOP
        S: a BAD ~
        S: b NO [AUTHENTICATIONFAILED] ~
        S: c BAD ~
        S: * BYE Too many errors
        S: <end>
    )");
}

TEST_CASE("a client that guesses passwords is sent away") {
    imap_server server(engine::sqlite, {.limits = few_errors()});
    auto client = server.client();
    client.play(R"(
        C: a LOGIN alice@example.test wrong
        C: b LOGIN alice@example.test wrong
        C: c LOGIN alice@example.test wrong
        S: a NO [AUTHENTICATIONFAILED] ~
        S: b NO [AUTHENTICATIONFAILED] ~
        S: c NO [AUTHENTICATIONFAILED] ~
        S: * BYE Too many errors
        S: <end>
    )");
}

TEST_CASE("who does not sign in is not waited for, whatever else is said") {
    config::limit_settings limits;
    limits.imap_login_timeout = std::chrono::seconds(1);
    imap_server server(engine::sqlite, {.limits = limits});
    server.client().play("C: a NOOP\nS: a OK Done\nS: * BYE Too long without signing in\nS: <end>\n");
    server.client().play("C: a AUTHENTICATE PLAIN\nS: +~\nS: * BYE Too long without signing in\nS: <end>\n");
}

TEST_CASE("a client that is silent for too long is sent away, in IDLE too") {
    config::limit_settings limits;
    limits.imap_idle_timeout = std::chrono::seconds(1);
    imap_server server(engine::sqlite, {.limits = limits});
    server.signed_in().play("S: * BYE Too long without a command\nS: <end>\n");
    server.signed_in().play("C: a IDLE\nS: + idling\nS: * BYE Too long without a command\nS: <end>\n");
}

}  // namespace login_test
