#include "imap_server.hpp"
#include "test/catch.hpp"
#include "test/wait.hpp"

namespace session_test {

using namespace postern;
using test::engine;
using test::imap_dialogue;
using test::imap_server;

TEST_CASE("a line that is too long is refused, and the session goes on") {
    imap_server server(engine::sqlite);
    auto client = server.client();
    client.play("C: a LOGIN " + std::string(10'000, 'x') + "\nC: b NOOP\nS: a BAD [TOOBIG] ~\nS: b OK Done\n");
    auto other = server.signed_in();
    other.play("C: a CREATE " + std::string(70'000, 'x') + "\nC: b NOOP\nS: a BAD [TOOBIG] ~\nS: b OK Done\n");
}

TEST_CASE("a line that ends otherwise than with CRLF is no command") {
    imap_server server(engine::sqlite);
    auto client = server.client();
    client.raw.send("a NOOP\nb NOOP\r\nc NO\rOP\r\nd NO" + std::string(1, '\0') + "OP\r\ne NOOP\r\n");
    client.play("S: a BAD ~\nS: c BAD ~\nS: d BAD ~\nS: e OK Done\n");
}

TEST_CASE("commands and literals come in pieces of any size") {
    imap_server server(engine::sqlite);
    auto client = server.client();
    client.raw.send_slowly("a LOGIN {18}\r\n");
    client.play("S: + ~\n");
    client.raw.send_slowly("alice@example.test {13}\r\n");
    client.play("S: + ~\n");
    client.raw.send_slowly("correct horse\r\n");
    client.play("S: a OK ~\n");
    client.raw.send_slowly("b CREATE {3+}\r\nfew\r\nc STATUS {3+}\r\nfew (MESSAGES)\r\n");
    client.play("S: b OK Done\nS: * STATUS few (MESSAGES 0)\nS: c OK Done\n");
}

TEST_CASE("what is said at once is answered in its order") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 2);
    auto client = server.client();
    client.play(R"(
        C: a LOGIN alice@example.test "correct horse"
        C: b SELECT INBOX
        C: c FETCH 1:* UID
        C: d STORE 2 +FLAGS (\Flagged)
        C: e FETCH 2 FLAGS
        C: f NONSENSE
        C: g UNSELECT
        C: h FETCH 1 UID
        C: i LOGOUT
        S: a OK ~
        S: ...
        S: b OK [READ-WRITE] Done
        S: * 1 FETCH (UID 1)
        S: * 2 FETCH (UID 2)
        S: c OK Done
        S: * 2 FETCH (FLAGS (\Flagged))
        S: d OK Done
        S: * 2 FETCH (FLAGS (\Flagged))
        S: e OK Done
        S: f BAD ~
        S: g OK Done
        S: h BAD ~
        S: * BYE ~
        S: i OK Done
        S: <end>
    )");
}

TEST_CASE("a server that stops says so to those who wait, those in IDLE too") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto new_one = server.client();
    auto quiet = server.in_mailbox();
    auto idling = server.in_mailbox("INBOX", "bob");
    idling.play("C: a IDLE\nS: + idling\n");
    server.stop();
    for (auto* client : {&new_one, &quiet, &idling}) client->play("S: * BYE The server is stopping\nS: <end>\n");
}

TEST_CASE("who is one too many is told so") {
    config::limit_settings limits;
    limits.imap_connections_per_address = 2;
    imap_server server(engine::sqlite, {.limits = limits});
    auto first = server.client();
    auto second = server.client();
    imap_dialogue(server.at).play("S: * BYE [LIMIT] ~\nS: <end>\n");
    first.play("C: a LOGOUT\nS: ...\nS: a OK Done\nS: <end>\n");
    first.raw.close();
    second.play("C: a NOOP\nS: a OK Done\n");
}

TEST_CASE("while the database is lost commands are refused, and after that the session goes on") {
    imap_server server(engine::postgresql);
    server.deliver_some(server.alice, 1);
    auto client = server.in_mailbox();
    server.place.allow_connections(false);
    server.place.drop_sessions();
    CHECK(client.end_of("FETCH 1 FLAGS") == "A OK Done\n");
    for (const std::string command : {"LIST \"\" *", "STATUS INBOX (MESSAGES)", "STORE 1 +FLAGS (\\Seen)", "CREATE x",
                                      "COPY 1 Trash", "APPEND INBOX {5+}\r\nabcde", "SEARCH BODY x"}) {
        INFO(command);
        CHECK(client.end_of(command).starts_with("A NO [UNAVAILABLE] "));
    }
    server.place.allow_connections(true);
    test::wait_until([&] { return client.end_of("STATUS INBOX (MESSAGES)") == "A OK Done\n"; });
    CHECK(client.ask("FETCH 1 BODY.PEEK[TEXT]") == "* 1 FETCH (BODY[TEXT] {8}\r\ntext 1\r\n)\nA OK Done\n");
}

TEST_CASE("nobody sees what is another's") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    server.signed_in().play("C: a CREATE Secret\nS: a OK Done\n");
    auto bob = server.in_mailbox("INBOX", "bob");
    CHECK_FALSE(bob.ask("LIST \"\" *").contains("Secret"));
    CHECK(bob.end_of("SELECT Secret").starts_with("A NO [NONEXISTENT]"));
    CHECK(bob.ask("STATUS INBOX (MESSAGES)") == "* STATUS INBOX (MESSAGES 0)\nA OK Done\n");
    CHECK(bob.end_of("DELETE Secret").starts_with("A NO [NONEXISTENT]"));
}

TEST_CASE("a session whose mailbox is removed by another ends when it looks") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto other = server.signed_in();
    other.play("C: a CREATE Short\nS: a OK Done\n");
    auto client = server.in_mailbox("Short");
    other.play("C: b DELETE Short\nS: b OK Done\n");
    client.play("C: a NOOP\nS: * BYE The mailbox is not there any more\nS: a OK Done\nS: <end>\n");
}

TEST_CASE("a session ends when its account or a password of it goes") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql), {.account_checked_every = std::chrono::seconds(0)});
    const auto phone = server.call(server.app_passwords.add("alice@example.test", "phone"));
    REQUIRE(phone);
    auto client = server.in_mailbox();
    SECTION("an app password, by somebody else's hand while it waits") {
        client.play("C: a IDLE\nS: + idling\n");
        server.require(server.call(server.db->app_passwords().remove(server.alice, phone->stored.id)));
        client.play("S: * BYE Sign in again~\n");
    }
    SECTION("the password") {
        server.require(server.call(server.db->accounts().set_password_hash(server.alice, "$argon2id$other")));
        client.play("C: a NOOP\nS: * BYE Sign in again~\n");
    }
    SECTION("the account is disabled: not even a message is stored") {
        server.require(server.call(server.db->accounts().set_disabled(server.alice, true)));
        client.play("C: a APPEND INBOX {3}\nS: * BYE Sign in again~\n");
    }
    SECTION("one more password is no reason") {
        REQUIRE(server.call(server.app_passwords.add("alice@example.test", "laptop")));
        client.play("C: a NOOP\nS: a OK Done\n");
    }
}

}  // namespace session_test
