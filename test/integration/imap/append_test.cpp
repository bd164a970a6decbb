#include "imap_server.hpp"
#include "test/catch.hpp"

namespace append_test {

using namespace postern;
using test::engine;
using test::imap_dialogue;
using test::imap_server;

namespace {

const std::string letter = "From: alice@example.test\r\nSubject: kept\r\n\r\nof my own\r\n";

std::string literal(const std::string& octets) { return "{" + std::to_string(octets.size()) + "+}\r\n" + octets; }

std::string in_drafts(imap_dialogue& client) {
    const auto told = client.ask("STATUS Drafts (MESSAGES)");
    const auto at = told.find("MESSAGES ") + 9;
    return told.substr(at, told.find(')') - at);
}

imap_server::manner small_messages() {
    imap_server::manner how;
    how.limits.message_size = 1000;
    return how;
}

}  // namespace

TEST_CASE("APPEND keeps a message with its flags and date") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.signed_in();
    client.raw.send("a APPEND Drafts (\\Seen \\Draft mine) \"01-Feb-2024 10:00:00 +0200\" {" + std::to_string(letter.size()) +
                    "}\r\n");
    client.play("S: + ~\n");
    client.raw.send(letter + "\r\n");
    const auto done = client.response();
    CHECK(done.starts_with("a OK [APPENDUID "));
    CHECK(done.ends_with(" 1] Done"));
    CHECK(client.end_of("APPEND Drafts " + literal(letter)).ends_with(" 2] Done\n"));
    client.play("C: b SELECT Drafts\nS: ...\nS: b OK ~\n");
    CHECK(client.ask("FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])") ==
          "* 1 FETCH (FLAGS (\\Seen \\Draft mine) INTERNALDATE \" 1-Feb-2024 08:00:00 +0000\" BODY[] {" +
              std::to_string(letter.size()) + "}\r\n" + letter + ")\nA OK Done\n");
    CHECK(client.ask("FETCH 2 (FLAGS INTERNALDATE)") ==
          "* 2 FETCH (FLAGS () INTERNALDATE \"24-Nov-2025 16:00:00 +0000\")\nA OK Done\n");
}

TEST_CASE("what is appended to the selected mailbox is told at once, to others too") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.in_mailbox("Drafts");
    auto idling = server.in_mailbox("Drafts");
    idling.play("C: a IDLE\nS: + idling\n");
    CHECK(client.ask("APPEND Drafts " + literal(letter)).starts_with("* 1 EXISTS\nA OK [APPENDUID "));
    idling.play("S: * 1 EXISTS\n");
}

TEST_CASE("APPEND to a mailbox that is not there takes no message") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    auto client = server.signed_in();
    CHECK(client.ask("APPEND nowhere {10}").starts_with("A NO [TRYCREATE] "));
    CHECK(client.ask("APPEND nowhere " + literal(letter)).starts_with("A NO [TRYCREATE] "));
    CHECK(client.ask("NOOP") == "A OK Done\n");
}

TEST_CASE("a message that is too large is refused before it is sent, or passed over") {
    imap_server server(engine::sqlite, small_messages());
    auto client = server.signed_in();
    CHECK(client.ask("APPEND Drafts {1001}").starts_with("A NO [TOOBIG] "));
    CHECK(client.ask("APPEND Drafts " + literal("x NOOP\r\n" + std::string(200'000, 'y'))).starts_with("A NO [TOOBIG] "));
    CHECK(client.ask("APPEND Drafts " + literal(std::string(1000, 'z'))).starts_with("A OK "));
    CHECK(in_drafts(client) == "1");
    client.play("C: a APPEND Drafts {999999999999+}\nS: * BYE ~\n");
}

TEST_CASE("a message for which there is no room is not kept") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.add_account("small", 5000);
    auto client = server.signed_in("small");
    CHECK(client.ask("APPEND Drafts " + literal(std::string(3000, 'x'))).starts_with("A OK "));
    CHECK(client.ask("APPEND Drafts " + literal(std::string(3000, 'x'))).starts_with("A NO [OVERQUOTA] "));
    CHECK(in_drafts(client) == "1");
}

TEST_CASE("a message with NUL, an empty one and two at once are refused, and nothing is kept") {
    imap_server server(engine::sqlite);
    auto client = server.signed_in();
    CHECK(client.ask("APPEND Drafts " + literal("a" + std::string(1, '\0') + "b")).starts_with("A NO "));
    CHECK(client.ask("APPEND Drafts {0+}\r\n").starts_with("A NO "));
    CHECK(client.ask("APPEND Drafts " + literal(letter) + " (\\Seen) " + literal(letter)).starts_with("A BAD "));
    CHECK(client.ask("APPEND Drafts (\\Nonsense) " + literal(letter)).starts_with("A BAD "));
    CHECK(client.ask("APPEND Drafts \"no date\" " + literal(letter)).starts_with("A BAD "));
    CHECK(in_drafts(client) == "0");
}

TEST_CASE("a large message is kept octet for octet") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    std::string octets = "Subject: large\r\n\r\n";
    while (octets.size() < (3 << 20)) octets += "line " + std::to_string(octets.size()) + "\r\n";
    auto client = server.signed_in();
    CHECK(client.ask("APPEND Drafts " + literal(octets)).starts_with("A OK [APPENDUID "));
    client.play("C: a SELECT Drafts\nS: ...\nS: a OK ~\n");
    CHECK((client.ask("FETCH 1 BODY.PEEK[]") ==
           "* 1 FETCH (BODY[] {" + std::to_string(octets.size()) + "}\r\n" + octets + ")\nA OK Done\n"));
}

TEST_CASE("of a message whose connection breaks nothing is left") {
    imap_server server(GENERATE(engine::sqlite, engine::postgresql));
    for (const std::size_t sent : {std::size_t{1}, letter.size() - 1, letter.size()}) {
        auto client = server.signed_in();
        client.raw.send("a APPEND Drafts {" + std::to_string(letter.size()) + "+}\r\n" + letter.substr(0, sent));
        client.raw.close();
        server.wait_until_idle();
    }
    auto client = server.signed_in();
    CHECK(in_drafts(client) == "0");
    CHECK(server.spool.in_memory() == 0);
}

}  // namespace append_test
