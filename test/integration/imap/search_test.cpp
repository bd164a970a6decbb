#include "imap_server.hpp"
#include "test/catch.hpp"

namespace search_test {

using namespace postern;
using test::engine;
using test::imap_dialogue;
using test::imap_server;

namespace {

/// 1: from Ann, seen, with an umlaut; 2: from Bert, large; 3: from Ann, flagged, with a keyword; 4: deleted. 2 has no uid 2.
void fill(imap_server& server) {
    auto client = server.signed_in();
    const auto append = [&](const std::string& options, const std::string& octets) {
        CHECK(client.ask("APPEND INBOX " + options + " {" + std::to_string(octets.size()) + "+}\r\n" + octets)
                  .starts_with("A OK "));
    };
    append("(\\Seen) \"01-Feb-2024 10:00:00 +0000\"",
           "From: Ann <ann@remote.test>\r\nTo: alice@example.test\r\nSubject: =?utf-8?q?M=C3=BCnchen?=\r\n"
           "Date: Thu, 01 Feb 2024 09:00:00 +0000\r\n\r\nthe first body\r\n");
    append("() \"02-Feb-2024 10:00:00 +0000\"",
           "From: Bert <bert@remote.test>\r\nCc: carl@remote.test\r\nSubject: second\r\n"
           "Date: Tue, 02 Jan 2024 09:00:00 +0000\r\n\r\n" +
               std::string(5000, 'x') + "\r\n");
    append("(\\Flagged $Junk) \"03-Feb-2024 10:00:00 +0000\"",
           "From: Ann <ann@remote.test>\r\nX-Mark: yes\r\nSubject: third\r\n\r\nanother BODY\r\n");
    append("(\\Deleted) \"04-Feb-2024 10:00:00 +0000\"", "From: d@remote.test\r\nSubject: fourth\r\n\r\nlast\r\n");
}

}  // namespace

TEST_CASE("SEARCH finds by what a message is and says") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    fill(server);
    auto client = server.in_mailbox();
    struct row {
        std::string keys, found;
    };
    const row rows[] = {
        {"ALL", " 1 2 3 4"},
        {"SEEN", " 1"},
        {"UNSEEN", " 2 3 4"},
        {"FLAGGED", " 3"},
        {"DELETED", " 4"},
        {"UNDELETED UNSEEN", " 2 3"},
        {"KEYWORD $JUNK", " 3"},
        {"UNKEYWORD $Junk", " 1 2 4"},
        {"LARGER 4000", " 2"},
        {"SMALLER 4000 UNFLAGGED", " 1 4"},
        {"BEFORE 2-Feb-2024", " 1"},
        {"ON 2-Feb-2024", " 2"},
        {"SINCE 3-Feb-2024", " 3 4"},
        {"SENTBEFORE 1-Feb-2024", " 2"},  // by its Date, not by when it came
        {"SENTON 1-Feb-2024", " 1"},      //
        {"FROM ann", " 1 3"},             // whatever the case
        {"FROM ANN@REMOTE", " 1 3"},      //
        {"TO alice", " 1"},               //
        {"CC carl", " 2"},                //
        {"SUBJECT econ", " 2"},           // in the midst of a word
        {"HEADER X-Mark \"\"", " 3"},     // that it is there
        {"HEADER x-mark YES", " 3"},      //
        {"BODY body", " 1 3"},            //
        {"TEXT third", " 3"},             //
        {"OR SUBJECT second SUBJECT fourth", " 2 4"},
        {"NOT FROM ann", " 2 4"},
        {"NOT (SEEN) (OR BODY body DELETED)", " 3 4"},
        {"2:* FROM ann", " 3"},
        {"UID 1,4", " 1 4"},
        {"SUBJECT nothing", ""},
        {"CHARSET UTF-8 SUBJECT {8+}\r\nm\xc3\xbcnchen", " 1"},  // decoded, whatever the case
    };
    for (const auto& r : rows) {
        INFO(r.keys);
        CHECK(client.ask("SEARCH " + r.keys) == "* SEARCH" + r.found + "\nA OK Done\n");
    }
    CHECK(client.end_of("SEARCH CHARSET KOI8-R ALL").starts_with("A NO [BADCHARSET "));
    CHECK(client.end_of("SEARCH NONSENSE").starts_with("A BAD "));
}

TEST_CASE("UID SEARCH tells uids, where numbers are others") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 4);
    auto client = server.in_mailbox();
    client.play("C: a STORE 1 +FLAGS.SILENT (\\Deleted)\nS: a OK Done\nC: b EXPUNGE\nS: * 1 EXPUNGE\nS: b OK Done\n");
    CHECK(client.ask("UID SEARCH SUBJECT 3") == "* SEARCH 3\nA OK Done\n");
    CHECK(client.ask("SEARCH SUBJECT 3") == "* SEARCH 2\nA OK Done\n");
    CHECK(client.ask("SEARCH UID 3:*") == "* SEARCH 2 3\nA OK Done\n");
}

TEST_CASE("a search says as much of what it found as it is asked, and keeps it") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 5);
    auto client = server.in_mailbox();
    CHECK(client.ask("SEARCH RETURN (MIN MAX COUNT ALL) 2:4") ==
          "* ESEARCH (TAG \"t1\") MIN 2 MAX 4 ALL 2:4 COUNT 3\nA OK Done\n");
    CHECK(client.ask("UID SEARCH RETURN () OR 1 3:5") == "* ESEARCH (TAG \"t2\") UID ALL 1,3:5\nA OK Done\n");
    CHECK(client.ask("SEARCH RETURN (MIN COUNT) SUBJECT nothing") == "* ESEARCH (TAG \"t3\") COUNT 0\nA OK Done\n");
    CHECK(client.ask("SEARCH RETURN (SAVE) OR SUBJECT 2 SUBJECT 4") == "A OK Done\n");
    CHECK(client.ask("FETCH $ UID") == "* 2 FETCH (UID 2)\n* 4 FETCH (UID 4)\nA OK Done\n");
    CHECK(client.ask("SEARCH $ SUBJECT 4") == "* SEARCH 4\nA OK Done\n");
    CHECK(client.end_of("STORE $ +FLAGS.SILENT (\\Deleted)") == "A OK Done\n");
    CHECK(client.end_of("UID EXPUNGE $") == "A OK Done\n");
    CHECK(client.ask("FETCH $ UID") == "A OK Done\n");
    CHECK(client.ask("FETCH 1:* UID") == "* 1 FETCH (UID 1)\n* 2 FETCH (UID 3)\n* 3 FETCH (UID 5)\nA OK Done\n");
}

}  // namespace search_test
