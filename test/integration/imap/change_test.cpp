#include "imap_server.hpp"
#include "test/catch.hpp"

namespace change_test {

using namespace postern;
using test::engine;
using test::imap_server;

TEST_CASE("STORE replaces, adds and removes flags, and says what they are unless told not to") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 2);
    auto client = server.in_mailbox();
    client.play(R"(
        C: a STORE 1 FLAGS (\Answered $Forwarded)
        S: * 1 FETCH (FLAGS (\Answered $Forwarded))
        S: a OK Done
        C: b STORE 1:2 +FLAGS (\Flagged)
        S: * 1 FETCH (FLAGS (\Flagged \Answered $Forwarded))
        S: * 2 FETCH (FLAGS (\Flagged))
        S: b OK Done
        C: c STORE 1 -FLAGS (\Answered $forwarded)
        S: * 1 FETCH (FLAGS (\Flagged))
        S: c OK Done
        C: d STORE 2 -FLAGS.SILENT (\Flagged)
        S: d OK Done
        C: e UID STORE 2 FLAGS.SILENT (Custom \Deleted)
        S: e OK Done
        C: f UID STORE 2 +FLAGS (\Draft)
        S: * 2 FETCH (FLAGS (\Deleted \Draft Custom) UID 2)
        S: f OK Done
        C: g STORE 3 FLAGS ()
        S: g BAD ~
        C: h UID STORE 9 FLAGS ()
        S: h OK Done
        C: i STORE 1 FLAGS ()
        S: * 1 FETCH (FLAGS ())
        S: i OK Done
        C: j FETCH 1:2 FLAGS
        S: * 1 FETCH (FLAGS ())
        S: * 2 FETCH (FLAGS (\Deleted \Draft Custom))
        S: j OK Done
    )");
    CHECK(server.in_mailbox().ask("SELECT INBOX").contains(" Custom)\n"));
}

TEST_CASE("STORE leaves alone what has changed since the client looked") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.signed_in();
    const auto told = client.ask("SELECT INBOX (CONDSTORE)");
    const auto at = told.find("[HIGHESTMODSEQ ") + 15;
    const auto known = told.substr(at, told.find(']', at) - at);
    server.in_mailbox().play("C: a STORE 2 +FLAGS.SILENT (\\Answered)\nS: a OK Done\n");
    const auto outcome = client.ask("STORE 1:3 (UNCHANGEDSINCE " + known + ") +FLAGS.SILENT (\\Flagged)");
    CHECK(outcome.contains("* 1 FETCH (MODSEQ ("));
    CHECK(outcome.contains("* 3 FETCH (MODSEQ ("));
    CHECK(outcome.ends_with("A OK [MODIFIED 2] Done\n"));
    CHECK(client.end_of("UID STORE 1:3 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)") == "A OK [MODIFIED 1:3] Done\n");
    const auto now = client.ask("FETCH 2 FLAGS");
    CHECK(now.contains("* 2 FETCH (FLAGS (\\Answered"));
    CHECK_FALSE(now.contains("\\Flagged"));
}

TEST_CASE("EXPUNGE removes what is marked, and UID EXPUNGE only of those named") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 5);
    auto client = server.in_mailbox();
    client.play(R"(
        C: a STORE 1,3,4 +FLAGS.SILENT (\Deleted)
        S: a OK Done
        C: b UID EXPUNGE 2:3
        S: * 3 EXPUNGE
        S: b OK Done
        C: c EXPUNGE
        S: * 3 EXPUNGE
        S: * 1 EXPUNGE
        S: c OK Done
        C: d FETCH 1:* UID
        S: * 1 FETCH (UID 2)
        S: * 2 FETCH (UID 5)
        S: d OK Done
        C: e EXPUNGE
        S: e OK Done
        C: f NOOP
        S: f OK Done
    )");
}

TEST_CASE("CLOSE removes silently what is marked, UNSELECT and EXAMINE leave it") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.in_mailbox();
    client.play(R"(
        C: a STORE 1 +FLAGS.SILENT (\Deleted)
        S: a OK Done
        C: b UNSELECT
        S: b OK Done
        C: c STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 3)
        S: c OK Done
        C: d EXAMINE INBOX
        S: ...
        S: d OK ~
        C: e CLOSE
        S: e OK Done
        C: f STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 3)
        S: f OK Done
        C: g SELECT INBOX
        S: ...
        S: g OK ~
        C: h CLOSE
        S: h OK Done
        C: i STATUS INBOX (MESSAGES)
        S: * STATUS INBOX (MESSAGES 2)
        S: i OK Done
        C: j FETCH 1 FLAGS
        S: j BAD ~
    )");
}

TEST_CASE("COPY and MOVE say where the messages are") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 4);
    auto client = server.in_mailbox();
    CHECK(client.ask("CREATE kept") == "A OK Done\n");
    const auto status = client.ask("STATUS kept (UIDVALIDITY)");
    const auto at = status.find("UIDVALIDITY ") + 12;
    const auto validity = status.substr(at, status.find(')') - at);
    CHECK(client.end_of("STORE 2 +FLAGS.SILENT (\\Flagged mine)") == "A OK Done\n");
    CHECK(client.ask("COPY 2,4 kept") == "A OK [COPYUID " + validity + " 2,4 1:2] Done\n");
    CHECK(client.ask("UID MOVE 1:2 kept") ==
          "* OK [COPYUID " + validity + " 1:2 3:4] Moved\n* 2 EXPUNGE\n* 1 EXPUNGE\nA OK Done\n");
    CHECK(client.ask("FETCH 1:* UID") == "* 1 FETCH (UID 3)\n* 2 FETCH (UID 4)\nA OK Done\n");
    CHECK(client.end_of("COPY 1 nowhere").starts_with("A NO [TRYCREATE] "));
    CHECK(client.end_of("MOVE 1 nowhere").starts_with("A NO [TRYCREATE] "));
    CHECK(client.end_of("COPY 3 kept").starts_with("A BAD "));
    CHECK(client.end_of("UID COPY 77 kept").starts_with("A OK "));
    auto there = server.in_mailbox("kept");
    CHECK(there.ask("FETCH 1:* (UID FLAGS)") ==
          "* 1 FETCH (UID 1 FLAGS (\\Flagged mine))\n* 2 FETCH (UID 2 FLAGS ())\n* 3 FETCH (UID 3 FLAGS ())\n"
          "* 4 FETCH (UID 4 FLAGS (\\Flagged mine))\nA OK Done\n");
    CHECK(there.ask("FETCH 1 BODY.PEEK[TEXT]").contains("text 2\r\n"));
}

TEST_CASE("a copy for which there is no room is not made, but a message may be moved") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    const auto small = server.add_account("small", 5000);
    server.deliver(small, "Subject: large\r\n\r\n" + std::string(3000, 'x') + "\r\n");
    auto client = server.in_mailbox("INBOX", "small");
    CHECK(client.end_of("COPY 1 Archive").starts_with("A NO [OVERQUOTA] "));
    CHECK(client.ask("STATUS Archive (MESSAGES)") == "* STATUS Archive (MESSAGES 0)\nA OK Done\n");
    CHECK(client.end_of("MOVE 1 Archive") == "A OK Done\n");
}

}  // namespace change_test
