#include "imap_server.hpp"
#include "test/catch.hpp"

namespace fetch_test {

using namespace postern;
using test::engine;
using test::imap_server;

namespace {

constexpr auto letter =
    "From: Xaver <x@remote.test>\r\nTo: alice@example.test\r\nSubject: hello\r\nDate: Mon, 24 Nov 2025 10:00:00 +0000\r\n"
    "Message-ID: <1@remote.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nfirst part\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\n";

/// "* 1 FETCH (BODY[1] {10}\r\nfirst part)" for one item.
std::string one_item(const std::string& name, const std::string& octets, const std::string& behind = "") {
    return "* 1 FETCH (" + name + " {" + std::to_string(octets.size()) + "}\r\n" + octets + behind + ")\nA OK Done\n";
}

}  // namespace

TEST_CASE("FETCH tells the envelope, the structure and what a row of the mailbox holds") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver(server.alice, letter);
    auto client = server.in_mailbox();
    CHECK(client.ask("FETCH 1 ENVELOPE") ==
          "* 1 FETCH (ENVELOPE (\"Mon, 24 Nov 2025 10:00:00 +0000\" \"hello\" ((\"Xaver\" NIL \"x\" \"remote.test\")) "
          "((\"Xaver\" NIL \"x\" \"remote.test\")) ((\"Xaver\" NIL \"x\" \"remote.test\")) "
          "((NIL NIL \"alice\" \"example.test\")) NIL NIL NIL \"<1@remote.test>\"))\nA OK Done\n");
    const auto structure = client.ask("FETCH 1 BODY");
    CHECK(structure ==
          "* 1 FETCH (BODY ((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 10 0)"
          "(\"application\" \"octet-stream\" NIL NIL NIL \"base64\" 8) \"mixed\"))\nA OK Done\n");
    CHECK(client.ask("FETCH 1 BODYSTRUCTURE").contains("\"mixed\" (\"boundary\" \"b\") NIL NIL NIL))\n"));
    CHECK(client.ask("FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)") ==
          "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"24-Nov-2025 16:00:00 +0000\" RFC822.SIZE " +
              std::to_string(std::string_view(letter).size()) + ")\nA OK Done\n");
    CHECK(client.ask("FETCH 1 FAST").starts_with("* 1 FETCH (FLAGS () INTERNALDATE "));
}

TEST_CASE("FETCH gives sections of a message and pieces of them") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver(server.alice, letter);
    auto client = server.in_mailbox("INBOX", "alice", "EXAMINE");
    const std::string all = letter;
    const auto body = all.find("\r\n\r\n") + 4;
    CHECK(client.ask("FETCH 1 BODY[]") == one_item("BODY[]", all));
    CHECK(client.ask("FETCH 1 RFC822") == one_item("RFC822", all));
    CHECK(client.ask("FETCH 1 BODY[HEADER]") == one_item("BODY[HEADER]", all.substr(0, body)));
    CHECK(client.ask("FETCH 1 BODY[TEXT]") == one_item("BODY[TEXT]", all.substr(body)));
    CHECK(client.ask("FETCH 1 BODY[1]") == one_item("BODY[1]", "first part"));
    CHECK(client.ask("FETCH 1 BODY[1]<6.100>") == one_item("BODY[1]<6>", "part"));
    CHECK(client.ask("FETCH 1 BODY[1]<100.5>") == one_item("BODY[1]<100>", ""));
    CHECK(client.ask("FETCH 1 BODY[2]") == one_item("BODY[2]", "aGVsbG8="));
    CHECK(client.ask("FETCH 1 BODY[3]") == "* 1 FETCH (BODY[3] NIL)\nA OK Done\n");
    CHECK(client.ask("FETCH 1 BINARY[2]").contains("BINARY[2] ~{5}\r\nhello)\n"));
    CHECK(client.ask("FETCH 1 BINARY.SIZE[2]") == "* 1 FETCH (BINARY.SIZE[2] 5)\nA OK Done\n");
    CHECK(client.ask("FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]").contains("}\r\nSubject: hello\r\n\r\n)\n"));
    CHECK(client.ask("FETCH 1 BODY[1.MIME]") == one_item("BODY[1.MIME]", "Content-Type: text/plain; charset=us-ascii\r\n\r\n"));
    CHECK(client.ask("FETCH 1 FLAGS") == "* 1 FETCH (FLAGS ())\nA OK Done\n");
}

TEST_CASE("to read a message is to have seen it, unless it is only peeked at") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 2);
    auto client = server.in_mailbox();
    CHECK(client.ask("FETCH 1 BODY.PEEK[TEXT]") == one_item("BODY[TEXT]", "text 1\r\n"));
    CHECK(client.ask("FETCH 1 FLAGS") == "* 1 FETCH (FLAGS ())\nA OK Done\n");
    CHECK(client.ask("FETCH 1 BODY[TEXT]") == "* 1 FETCH (FLAGS (\\Seen) BODY[TEXT] {8}\r\ntext 1\r\n)\nA OK Done\n");
    CHECK(client.ask("FETCH 1 BODY[TEXT]") == one_item("BODY[TEXT]", "text 1\r\n"));
    auto looking = server.in_mailbox("INBOX", "alice", "EXAMINE");
    CHECK(looking.ask("FETCH 1:2 FLAGS") == "* 1 FETCH (FLAGS (\\Seen))\n* 2 FETCH (FLAGS ())\nA OK Done\n");
    CHECK(looking.end_of("FETCH 2 BODY[]") == "A OK Done\n");
    CHECK(client.ask("STATUS INBOX (UNSEEN)") == "* STATUS INBOX (UNSEEN 1)\nA OK Done\n");
}

TEST_CASE("a large message comes octet for octet, in one and in pieces") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    std::string octets = "Subject: large\r\n\r\n";
    while (octets.size() < (3 << 20)) octets += "line " + std::to_string(octets.size()) + "\r\n";
    server.deliver(server.alice, octets);
    auto client = server.in_mailbox("INBOX", "alice", "EXAMINE");
    CHECK((client.ask("FETCH 1 BODY[]") == one_item("BODY[]", octets)));
    std::string joined;
    constexpr std::size_t piece = 700'001;
    for (std::size_t from = 0; from < octets.size(); from += piece) {
        const auto range = "<" + std::to_string(from) + ".700001>";
        const auto told = client.ask("FETCH 1 BODY.PEEK[]" + range);
        const auto some = std::min(piece, octets.size() - from);
        const auto begin = told.find("\r\n") + 2;
        REQUIRE(told.size() == begin + some + std::string_view(")\nA OK Done\n").size());
        joined += told.substr(begin, some);
    }
    CHECK((joined == octets));
    CHECK(client.ask("FETCH 1 BODY.PEEK[HEADER]") == one_item("BODY[HEADER]", "Subject: large\r\n\r\n"));
}

TEST_CASE("uids that are not there are no error, numbers that are not there are one") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.in_mailbox();
    CHECK(client.ask("UID FETCH 7:9 FLAGS") == "A OK Done\n");
    CHECK(client.ask("UID FETCH 7,9 FLAGS") == "A OK Done\n");
    CHECK(client.ask("UID FETCH 2,9 FLAGS") == "* 2 FETCH (UID 2 FLAGS ())\nA OK Done\n");
    CHECK(client.ask("UID FETCH 9:* UID") == "* 3 FETCH (UID 3)\nA OK Done\n");
    CHECK(client.end_of("FETCH 4 FLAGS").starts_with("A BAD "));
    CHECK(client.end_of("FETCH 2:4 FLAGS").starts_with("A BAD "));
    CHECK(client.end_of("FETCH 0 FLAGS").starts_with("A BAD "));
    CHECK(client.ask("FETCH * UID") == "* 3 FETCH (UID 3)\nA OK Done\n");
    CHECK(client.ask("FETCH 3,1 UID") == "* 1 FETCH (UID 1)\n* 3 FETCH (UID 3)\nA OK Done\n");
}

TEST_CASE("of an empty mailbox all is nothing") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.in_mailbox();
    CHECK(client.ask("UID FETCH 1:* FLAGS") == "A OK Done\n");
    CHECK(client.ask("SEARCH ALL") == "* SEARCH\nA OK Done\n");
    CHECK(client.ask("UID SEARCH 1:*") == "* SEARCH\nA OK Done\n");
    CHECK(client.ask("EXPUNGE") == "A OK Done\n");
}

TEST_CASE("who knows of modseqs fetches what has changed since") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.deliver_some(server.alice, 3);
    auto client = server.signed_in();
    const auto told = client.ask("SELECT INBOX (CONDSTORE)");
    const auto at = told.find("[HIGHESTMODSEQ ") + 15;
    const auto known = told.substr(at, told.find(']', at) - at);
    CHECK(client.ask("FETCH 1:3 (FLAGS) (CHANGEDSINCE " + known + ")") == "A OK Done\n");
    CHECK(client.ask("STORE 2 +FLAGS (\\Flagged)").starts_with("* 2 FETCH (FLAGS (\\Flagged) MODSEQ ("));
    const auto changed = client.ask("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + known + ")");
    CHECK(changed.starts_with("* 2 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ ("));
    CHECK_FALSE(changed.contains("UID 1 "));
}

}  // namespace fetch_test
