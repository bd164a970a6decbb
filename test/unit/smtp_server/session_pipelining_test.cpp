#include <string>

#include "running_server.hpp"
#include "test/catch.hpp"

namespace session_pipelining_test {

using postern::test::running_server;

TEST_CASE("a pipelined batch is answered in order and with one write") {
    running_server server;
    auto client = server.greeted_client();
    client.send(
        "MAIL FROM:<a@remote.test>\r\nRCPT TO:<alice@example.test>\r\nRCPT TO:<nobody@example.test>\r\n"
        "RCPT TO:<bob@example.test>\r\nDATA\r\n");
    const auto answers = client.one_read();
    CHECK(answers ==
          "250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n550 5.1.1 No such user here\r\n250 2.1.5 Recipient OK\r\n"
          "354 End data with <CRLF>.<CRLF>\r\n");
}

TEST_CASE("messages follow each other in one stream of octets") {
    running_server server;
    auto client = server.client();
    client.play("S: 220\n");
    std::string said = "EHLO client.test\r\n";
    for (int i = 0; i < 50; ++i) {
        said += "MAIL FROM:<a@remote.test>\r\nRCPT TO:<alice@example.test>\r\nBDAT 14 LAST\r\nSubject: x\r\n\r\n";
    }
    client.send(said + "QUIT\r\n");
    client.play("S: 250-\nS: ...\n");
    for (int i = 1; i <= 50; ++i) client.play("S: 250 2.1.0\nS: 250 2.1.5\nS: 250 2.0.0 " + std::to_string(i) + " accepted\n");
    client.play("S: 221\nS: <end>\n");
    CHECK(server.store.delivered().size() == 50);
}

TEST_CASE("a batch whose recipients were all refused does not get into the data") {
    running_server server;
    auto client = server.greeted_client();
    client.send("MAIL FROM:<a@remote.test>\r\nRCPT TO:<nobody@example.test>\r\nDATA\r\n");
    client.play("S: 250 2.1.0\nS: 550 5.1.1\nS: 554 5.5.1\nC: RSET\nS: 250\n");
}

TEST_CASE("a session is the same when it comes octet by octet") {
    running_server server;
    auto client = server.client();
    client.play("S: 220\n");
    client.send_slowly(
        "EHLO client.test\r\nMAIL FROM:<a@remote.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: x\r\n\r\nbody\r\n"
        ".\r\nQUIT\r\n");
    client.play("S: 250-\nS: ...\nS: 250 2.1.0\nS: 250 2.1.5\nS: 354\nS: 250 2.0.0 1 accepted\nS: 221\nS: <end>\n");
}

TEST_CASE("a client that reads no answers stops being read, and the others go on") {
    running_server server;
    auto deaf = server.greeted_client();
    std::string many;
    for (int i = 0; i < 50; ++i) many += "VRFY x\r\n";
    deaf.send(many);
    auto other = server.greeted_client();
    other.play("C: NOOP\nS: 250\nC: QUIT\nS: 221\n");
}

}  // namespace session_pipelining_test
