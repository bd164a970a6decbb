#include "imap_server.hpp"
#include "test/catch.hpp"

namespace news_test {

using namespace postern;
using test::engine;
using test::imap_server;

TEST_CASE("what one session does another hears when it asks") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto one = server.in_mailbox();
    auto other = server.in_mailbox();
    one.play(R"(
        C: a STORE 2 +FLAGS (\Seen)
        S: * 2 FETCH (FLAGS (\Seen))
        S: a OK Done
        C: b STORE 1 +FLAGS.SILENT (\Deleted)
        S: b OK Done
        C: c EXPUNGE
        S: * 1 EXPUNGE
        S: c OK Done
    )");
    server.deliver_some(server.alice, 1);
    other.play(R"(
        C: a NOOP
        S: * 1 EXPUNGE
        S: * 3 EXISTS
        S: * 1 FETCH (FLAGS (\Seen) UID 2)
        S: a OK Done
        C: b NOOP
        S: b OK Done
        C: c FETCH 3 UID
        S: * 3 FETCH (UID 4)
        S: c OK Done
    )");
}

TEST_CASE("a session in IDLE hears at once") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 1);
    auto one = server.in_mailbox();
    auto idling = server.in_mailbox();
    idling.play("C: a IDLE\nS: + idling\n");
    server.deliver_some(server.alice, 1);
    idling.play("S: * 2 EXISTS\n");
    one.play("C: a NOOP\nS: * 2 EXISTS\nS: a OK Done\nC: b STORE 2 +FLAGS.SILENT (\\Deleted)\nS: b OK Done\n");
    idling.play("S: * 2 FETCH (FLAGS (\\Deleted) UID 2)\n");
    one.play("C: c EXPUNGE\nS: * 2 EXPUNGE\nS: c OK Done\n");
    idling.play("S: * 2 EXPUNGE\nC: done\nS: a OK Done\nC: b IDLE\nC: c NOOP\nS: + idling\nS: b BAD Only DONE ends IDLE\n");
}

TEST_CASE("a session in IDLE hears nothing of other accounts or mailboxes") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto idling = server.in_mailbox("Archive");
    idling.play("C: a IDLE\nS: + idling\n");
    server.deliver_some(server.alice, 1);
    server.deliver_some(server.bob, 1);
    idling.play("C: DONE\nS: a OK Done\n");
}

TEST_CASE("while numbers are in use nothing is renumbered") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 4);
    auto one = server.in_mailbox();
    auto other = server.in_mailbox();
    one.play("C: a STORE 1 +FLAGS.SILENT (\\Deleted)\nS: a OK Done\nC: b EXPUNGE\nS: * 1 EXPUNGE\nS: b OK Done\n");
    for (const std::string command : {"FETCH 2 UID", "STORE 2 +FLAGS.SILENT (\\Seen)", "SEARCH ALL"})
        CHECK_FALSE(other.ask(command).contains("EXPUNGE"));
    CHECK(other.ask("FETCH 2 UID") == "* 2 FETCH (UID 2)\nA OK Done\n");
    CHECK(other.ask("FETCH 1 BODY.PEEK[]").starts_with("A NO [EXPUNGEISSUED] "));
    CHECK(other.ask("STORE 1 +FLAGS (\\Seen)").starts_with("A NO [EXPUNGEISSUED] "));
    CHECK(other.ask("UID FETCH 2 UID") == "* 2 FETCH (UID 2)\n* 1 EXPUNGE\nA OK Done\n");
    CHECK(other.ask("FETCH 1 UID") == "* 1 FETCH (UID 2)\nA OK Done\n");
}

TEST_CASE("of messages that another expunged, what can be done is done to the rest") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto one = server.in_mailbox();
    auto other = server.in_mailbox();
    one.play("C: a STORE 2 +FLAGS.SILENT (\\Deleted)\nS: a OK Done\nC: b CLOSE\nS: b OK Done\n");
    const auto fetched = other.ask("FETCH 1:3 BODY.PEEK[TEXT]");
    CHECK(fetched.contains("text 1\r\n"));
    CHECK(fetched.contains("* 3 FETCH (BODY[TEXT] {8}\r\ntext 3\r\n)\n"));
    CHECK_FALSE(fetched.contains("* 2 FETCH (BODY"));
    CHECK(fetched.contains("\nA NO [EXPUNGEISSUED] "));
    CHECK(other.end_of("COPY 2 Archive").starts_with("A NO [EXPUNGEISSUED] "));
    CHECK(other.ask("STATUS Archive (MESSAGES)").contains("* STATUS Archive (MESSAGES 0)\n"));
}

TEST_CASE("the numbers of those that another expunged are told from the last to the first") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 6);
    auto one = server.in_mailbox();
    auto other = server.in_mailbox();
    one.play("C: a STORE 2,3,6 +FLAGS.SILENT (\\Deleted)\nS: a OK Done\nC: b CLOSE\nS: b OK Done\n");
    CHECK(other.ask("NOOP") == "* 6 EXPUNGE\n* 3 EXPUNGE\n* 2 EXPUNGE\nA OK Done\n");
    CHECK(other.ask("FETCH 1:* UID") == "* 1 FETCH (UID 1)\n* 2 FETCH (UID 4)\n* 3 FETCH (UID 5)\nA OK Done\n");
}

}  // namespace news_test
