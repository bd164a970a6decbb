#include "imap_server.hpp"
#include "test/catch.hpp"

namespace mailbox_test {

using namespace postern;
using test::engine;
using test::imap_server;

TEST_CASE("SELECT and EXAMINE tell what a mailbox holds") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.signed_in();
    const auto told = client.ask("SELECT inbox");
    CHECK(
        told.starts_with("* FLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft)\n* 3 EXISTS\n* 0 RECENT\n* OK [UNSEEN 1] "));
    CHECK(told.contains("\n* OK [PERMANENTFLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft \\*)] "));
    CHECK(told.contains("\n* OK [UIDVALIDITY "));
    CHECK(told.contains("\n* OK [UIDNEXT 4] "));
    CHECK(told.contains("\n* OK [HIGHESTMODSEQ "));
    CHECK(told.ends_with("\nA OK [READ-WRITE] Done\n"));
    CHECK(client.end_of("STORE 1 +FLAGS (\\Seen)") == "A OK Done\n");
    const auto examined = client.ask("EXAMINE INBOX");
    CHECK(examined.contains("\n* OK [UNSEEN 2] "));
    CHECK(examined.contains("\n* OK [PERMANENTFLAGS ()] "));
    CHECK(examined.ends_with("\nA OK [READ-ONLY] Done\n"));
    for (const std::string command : {"STORE 1 FLAGS (\\Seen)", "EXPUNGE", "MOVE 1 Trash"})
        CHECK(client.end_of(command).starts_with("A NO [READ-ONLY] "));
    CHECK(client.end_of("SELECT nowhere").starts_with("A NO [NONEXISTENT] "));
    CHECK(client.end_of("FETCH 1 FLAGS").starts_with("A BAD "));
}

TEST_CASE("who has enabled IMAP4rev2 is told as it says") {
    imap_server server(engine::sqlite);
    server.deliver_some(server.alice, 1);
    auto client = server.signed_in();
    CHECK(client.ask("ENABLE IMAP4rev2 CONDSTORE UNKNOWN") == "* ENABLED IMAP4rev2 CONDSTORE\nA OK Done\n");
    const auto told = client.ask("SELECT INBOX");
    CHECK_FALSE(told.contains("RECENT"));
    CHECK_FALSE(told.contains("UNSEEN"));
    CHECK(told.contains("\n* LIST () \"/\" INBOX\n"));
    CHECK(client.ask("SEARCH ALL").starts_with("* ESEARCH (TAG \"t3\") ALL 1\n"));
}

TEST_CASE("every account has the mailboxes with a use, and INBOX") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.signed_in();
    CHECK(client.ask("LIST \"\" *") ==
          "* LIST (\\HasNoChildren \\Archive) \"/\" Archive\n* LIST (\\HasNoChildren \\Drafts) \"/\" Drafts\n"
          "* LIST (\\HasNoChildren) \"/\" INBOX\n* LIST (\\HasNoChildren \\Junk) \"/\" Junk\n"
          "* LIST (\\HasNoChildren \\Sent) \"/\" Sent\n* LIST (\\HasNoChildren \\Trash) \"/\" Trash\nA OK Done\n");
    CHECK_FALSE(client.ask("LIST (SPECIAL-USE) \"\" *").contains("INBOX"));
    CHECK(client.ask("LIST \"\" \"\"") == "* LIST (\\Noselect) \"/\" \"\"\nA OK Done\n");
    CHECK(client.ask("LIST \"\" inbox") == "* LIST (\\HasNoChildren) \"/\" INBOX\nA OK Done\n");
    for (const std::string role : {"Trash", "Sent", "INBOX"}) {
        CHECK(client.end_of("DELETE " + role).starts_with("A NO [CANNOT] "));
        CHECK(client.end_of("CREATE " + role).starts_with("A NO [ALREADYEXISTS] "));
    }
    CHECK(client.end_of("RENAME Trash Bin").starts_with("A NO [CANNOT] "));
}

TEST_CASE("mailboxes are made with the levels above them, and renamed with those below") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.signed_in();
    CHECK(client.ask("CREATE work/2026/") == "A OK Done\n");
    CHECK(client.end_of("CREATE work/2026").starts_with("A NO [ALREADYEXISTS] "));
    CHECK(client.ask("LIST \"\" work*") ==
          "* LIST (\\HasChildren) \"/\" work\n* LIST (\\HasNoChildren) \"/\" work/2026\nA OK Done\n");
    CHECK(client.ask("LIST \"\" work/%") == "* LIST (\\HasNoChildren) \"/\" work/2026\nA OK Done\n");
    CHECK(client.ask("RENAME work old/jobs") == "A OK Done\n");
    CHECK(client.ask("LIST old/ *") ==
          "* LIST (\\HasChildren) \"/\" old/jobs\n* LIST (\\HasNoChildren) \"/\" old/jobs/2026\nA OK Done\n");
    CHECK(client.ask("LIST \"\" work*") == "A OK Done\n");
    CHECK(client.end_of("RENAME old/jobs old/jobs/below").starts_with("A NO [CANNOT] "));
    CHECK(client.end_of("RENAME old INBOX").starts_with("A NO [ALREADYEXISTS] "));
    CHECK(client.end_of("RENAME nowhere x").starts_with("A NO [NONEXISTENT] "));
    for (const std::string bad : {"a//b", "/a", "\"a*\"", "\"a%b\""})
        CHECK(client.end_of("CREATE " + bad).starts_with("A NO [CANNOT] "));
    // What has gone while something lies below it is still a level of the tree.
    CHECK(client.ask("DELETE old/jobs") == "A OK Done\n");
    CHECK(client.ask("LIST \"\" old/%") == "* LIST (\\Noselect \\HasChildren) \"/\" old/jobs\nA OK Done\n");
}

TEST_CASE("a name beyond ASCII comes and goes as modified UTF-7, or UTF-8 with IMAP4rev2") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.signed_in();
    CHECK(client.ask("CREATE \"Entw&APw-rfe\"") == "A OK Done\n");
    CHECK(client.ask("LIST \"\" Entw*") == "* LIST (\\HasNoChildren) \"/\" Entw&APw-rfe\nA OK Done\n");
    client.ask("ENABLE IMAP4rev2");
    CHECK(client.ask("STATUS \"Entw\xc3\xbcrfe\" (MESSAGES)") == "* STATUS \"Entw\xc3\xbcrfe\" (MESSAGES 0)\nA OK Done\n");
}

TEST_CASE("INBOX renamed is a new mailbox with its messages, and INBOX stays") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.in_mailbox();
    CHECK(client.end_of("RENAME INBOX before/all") == "A OK Done\n");
    CHECK(client.ask("STATUS before/all (MESSAGES)") == "* STATUS before/all (MESSAGES 3)\nA OK Done\n");
    CHECK(client.ask("STATUS INBOX (MESSAGES UIDNEXT)") == "* STATUS INBOX (MESSAGES 0 UIDNEXT 4)\nA OK Done\n");
}

TEST_CASE("what was in a mailbox that is deleted is in Trash") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 2);
    auto client = server.in_mailbox();
    CHECK(client.ask("CREATE gone") == "A OK Done\n");
    CHECK(client.end_of("MOVE 1:2 gone") == "A OK Done\n");
    CHECK(client.ask("DELETE gone") == "A OK Done\n");
    CHECK(client.ask("STATUS Trash (MESSAGES)") == "* STATUS Trash (MESSAGES 2)\nA OK Done\n");
    CHECK(client.end_of("SELECT gone").starts_with("A NO [NONEXISTENT] "));
    CHECK(client.end_of("DELETE gone").starts_with("A NO [NONEXISTENT] "));
}

TEST_CASE("a client keeps a list of mailboxes it is subscribed to") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.signed_in();
    CHECK(client.ask("CREATE a/b") == "A OK Done\n");
    for (const std::string all : {"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash", "a", "nowhere"})
        CHECK(client.ask("UNSUBSCRIBE " + all) == "A OK Done\n");
    CHECK(client.ask("SUBSCRIBE a/b") == "A OK Done\n");
    CHECK(client.ask("LSUB \"\" *").contains("* LSUB () \"/\" a/b\nA OK Done\n"));
    CHECK(client.ask("LSUB \"\" %") == "* LSUB (\\Noselect) \"/\" a\nA OK Done\n");
    CHECK(client.ask("LIST (SUBSCRIBED) \"\" *") == "* LIST (\\HasNoChildren \\Subscribed) \"/\" a/b\nA OK Done\n");
    CHECK(client.end_of("SUBSCRIBE nowhere").starts_with("A NO [NONEXISTENT] "));
    CHECK(client.ask("UNSUBSCRIBE a/b") == "A OK Done\n");
    CHECK(client.ask("LSUB \"\" *") == "A OK Done\n");
}

TEST_CASE("STATUS tells what it is asked, and LIST tells it of many") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.in_mailbox();
    CHECK(client.end_of("STORE 1:2 +FLAGS.SILENT (\\Seen)") == "A OK Done\n");
    CHECK(client.end_of("STORE 3 +FLAGS.SILENT (\\Deleted)") == "A OK Done\n");
    const auto size = 3 * std::string("From: x@remote.test\r\nSubject: 1\r\n\r\ntext 1\r\n").size();
    const auto told = "(MESSAGES 3 UIDNEXT 4 UNSEEN 1 DELETED 1 SIZE " + std::to_string(size) + ")";
    CHECK(client.ask("STATUS INBOX (UIDNEXT MESSAGES UNSEEN SIZE DELETED)") == "* STATUS INBOX " + told + "\nA OK Done\n");
    CHECK(client.ask("LIST \"\" (INBOX Sent) RETURN (STATUS (MESSAGES UNSEEN))") ==
          "* LIST (\\HasNoChildren) \"/\" INBOX\n* STATUS INBOX (MESSAGES 3 UNSEEN 1)\n"
          "* LIST (\\HasNoChildren \\Sent) \"/\" Sent\n* STATUS Sent (MESSAGES 0 UNSEEN 0)\nA OK Done\n");
    CHECK(client.end_of("STATUS nowhere (MESSAGES)").starts_with("A NO [NONEXISTENT] "));
}

}  // namespace mailbox_test
