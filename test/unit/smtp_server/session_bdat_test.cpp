#include <string>

#include "core/content.hpp"
#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_bdat_test {

using postern::config::limit_settings;
using postern::storage::errc;
using postern::test::running_server;

namespace {

std::string envelope(const std::string& parameters = "") {
    return "C: MAIL FROM:<a@remote.test>" + parameters + "\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\n";
}

std::string chunk(std::string_view octets, bool last = false) {
    return "BDAT " + std::to_string(octets.size()) + (last ? " LAST\r\n" : "\r\n") + std::string(octets);
}

bool ends_with(const running_server& server, std::string_view octets) {
    return postern::core::read_all(*server.store.delivered().at(0).octets).ends_with(octets);
}

}  // namespace

TEST_CASE("a message in chunks is the same message however it is cut") {
    const std::string message = "Subject: chunks\r\n\r\nfirst\r\n.\r\n..second\r\n";
    const std::size_t size = GENERATE(values<std::size_t>({1, 2, 7, 18, 100}));
    const bool slowly = GENERATE(false, true);
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope());
    std::string said;
    std::size_t chunks = 0;
    for (std::size_t at = 0; at < message.size(); at += size, ++chunks) said += chunk(message.substr(at, size));
    said += chunk("", true);
    if (slowly) {
        client.send_slowly(said);
    } else {
        client.send(said);
    }
    for (std::size_t i = 0; i < chunks; ++i) REQUIRE(client.reply().starts_with("250 2.0.0"));
    CHECK(client.reply() == "250 2.0.0 1 accepted");
    CHECK(ends_with(server, "\r\n" + message));  // no dot is taken out
}

TEST_CASE("binary chunks are kept octet for octet, text chunks are held to CRLF") {
    std::string octets = "Subject: x\r\n\r\n";
    for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope(" BODY=BINARYMIME"));
    client.send(chunk(octets, true));
    CHECK(client.reply() == "250 2.0.0 1 accepted");
    CHECK(ends_with(server, octets));
    client.play(envelope(" BODY=8BITMIME"));
    client.send(chunk("a\r") + chunk("\nb\nc\r\n", true));  // CRLF over two chunks is one, the LF after b is bare
    CHECK(client.reply().starts_with("250 2.0.0"));
    CHECK(client.reply().starts_with("550 5.6.0"));
    CHECK(server.store.delivered().size() == 1);
}

TEST_CASE("BINARYMIME cannot be sent with DATA") {
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope(" BODY=BINARYMIME") + "C: DATA\nS: 503 5.5.1\n");
}

TEST_CASE("once BDAT has begun only BDAT may follow, until RSET") {
    running_server server;
    auto client = server.greeted_client();
    client.play(envelope());
    client.send(chunk("abc\r\n"));
    client.play(R"(
        S: 250 2.0.0
        C: DATA
        S: 503 5.5.1
        C: RCPT TO:<bob@example.test>
        S: 503 5.5.1
        C: NOOP
        S: 250
        C: RSET
        S: 250
        C: BDAT 0 LAST
        S: 503 5.5.1
    )");
    CHECK(server.store.delivered().empty());
}

TEST_CASE("the octets of a refused chunk are read, and are never commands") {
    running_server server;
    auto client = server.greeted_client();
    client.send(chunk("RSET\r\nNOOP\r\n"));
    client.play("S: 503 5.5.1\nC: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<nobody@example.test>\nS: 550\n");
    client.send(chunk("QUIT\r\nQUIT\r\n", true));
    client.play("S: 554 5.5.1\nC: NOOP\nS: 250 2.0.0\n");
}

TEST_CASE("chunks over the message's limit are read, refused, and end the message") {
    limit_settings limits;
    limits.message_size = 1000;
    running_server server(limits);
    auto client = server.greeted_client();
    const std::string large(600, 'x');
    SECTION("the chunk that goes over, and every one after it") {
        client.play(envelope());
        client.send(chunk(large) + chunk(large) + chunk("y") + chunk("z", true));
        client.play("S: 250 2.0.0\nS: 552 5.3.4\nS: 503 5.5.1\nS: 503 5.5.1\n");
    }
    SECTION("at once") {
        client.play(envelope());
        client.send(chunk(std::string(2000, 'x'), true));
        client.play("S: 552 5.3.4\n");
    }
    client.play(envelope());
    client.send(chunk(std::string(1000, 'x'), true));  // exactly the limit; and the transaction before has ended
    client.play("S: 250 2.0.0\n");
    CHECK(server.store.delivered().size() == 1);
}

TEST_CASE("without a database chunks are read and refused") {
    running_server server;
    auto client = server.greeted_client();
    server.store.fail_ids(errc::unavailable);
    client.play(envelope());
    client.send(chunk("abc") + chunk("def", true));
    client.play("S: 451 4.3.0\nS: 503 5.5.1\n");
    server.store.fail_ids(std::nullopt);
    client.play(envelope());
    client.send(chunk("abc", true));
    client.play("S: 250 2.0.0\n");
}

}  // namespace session_bdat_test
