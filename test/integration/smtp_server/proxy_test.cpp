// Clients behind a proxy that sends PROXY headers, over real sockets.
#include <string>
#include <vector>

#include "receiving_server.hpp"
#include "test/catch.hpp"

namespace proxy_test {

using postern::config::limit_settings;
using postern::test::engine;
using postern::test::receiving_server;
using postern::test::smtp_dialogue;

namespace {

const std::vector<std::string> loopback{"127.0.0.0/8"};
const std::string header = "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25";

std::string client(int n) { return "PROXY TCP4 192.0.2." + std::to_string(n) + " 198.51.100.1 4711 25"; }

}  // namespace

TEST_CASE("behind a listed proxy the client is who the PROXY header says") {
    receiving_server server(GENERATE(engine::sqlite, engine::postgresql));
    server.server.change({}, postern::net::network_list(loopback));
    server.start();
    smtp_dialogue proxied(server.at);
    proxied.play("C: " + header + "\nS: 220\nC: EHLO client.test\nS: 250-\nS: ...\n" +
                 "C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\nC: DATA\nS: 354\n");
    proxied.send("Subject: x\r\n\r\nx\r\n.\r\n");
    const auto reply = proxied.reply();
    REQUIRE(reply.starts_with("250 2.0.0 "));
    server.stop();
    const auto id = postern::core::parse_id<postern::core::message_id>(reply.substr(10, reply.find(' ', 10) - 10)).value();
    CHECK_THAT(server.octets(id), Catch::Contains("Received: from client.test ([192.0.2.7])"));
    const auto events = server.db.run(server.db->messages().trace(id)).value().events;
    CHECK_THAT(events.front().detail, Catch::Contains("192.0.2.7") && !Catch::Contains("127.0.0.1"));
}

TEST_CASE("a listed proxy must begin with a PROXY header") {
    receiving_server server(engine::sqlite);
    server.server.change({}, postern::net::network_list(loopback));
    server.start();
    smtp_dialogue other(server.at);
    other.play("C: EHLO client.test\nS: <end>\n");
    smtp_dialogue wrong(server.at);
    wrong.play("C: PROXY TCP4 192.0.2.7\nS: <end>\n");
    smtp_dialogue silent(server.at);  // hears no greeting before it has said who it speaks for
    smtp_dialogue health(server.at);
    health.send(std::string("\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00", 16));  // LOCAL: it speaks for itself
    health.play("S: 220\nC: QUIT\nS: 221\n");
    silent.send("PROXY UNKNOWN\r\n");
    silent.play("S: 220\nC: QUIT\nS: 221\n");
}

TEST_CASE("from nobody else a PROXY header is taken") {
    receiving_server server(engine::sqlite);
    const std::vector<std::string> elsewhere{"192.0.2.0/24"};
    server.server.change({}, postern::net::network_list(elsewhere));
    server.start();
    smtp_dialogue forger(server.at);
    forger.play("S: 220\nC: " + header + "\nS: 500\nC: EHLO client.test\nS: 250-\nS: ...\n");
}

TEST_CASE("behind the header it is as if the client had come himself") {
    limit_settings limits;
    limits.smtp_greeting_delay = std::chrono::milliseconds(300);
    receiving_server server(engine::sqlite, limits);
    server.server.change(limits, postern::net::network_list(loopback));
    server.start();
    smtp_dialogue early(server.at);
    early.play("C: " + header + "\nC: EHLO client.test\nS: 554\nS: <end>\n");  // before the greeting
    smtp_dialogue patient(server.at);
    patient.play("C: " + header + "\nS: 220\n");
}

TEST_CASE("limits count the clients, not the proxy") {
    limit_settings limits;
    limits.smtp_connections_per_address = 1;
    limits.smtp_connections = 3;
    receiving_server server(engine::sqlite, limits);
    server.server.change(limits, postern::net::network_list(loopback));
    server.start();
    smtp_dialogue first(server.at);
    first.play("C: " + client(1) + "\nS: 220\n");
    smtp_dialogue again(server.at);
    again.play("C: " + client(1) + "\nS: 421\nS: <end>\n");
    smtp_dialogue second(server.at);
    second.play("C: " + client(2) + "\nS: 220\n");
    smtp_dialogue third(server.at);
    third.play("C: " + client(3) + "\nS: 220\n");
    smtp_dialogue fourth(server.at);
    fourth.play("S: 421\nS: <end>\n");  // all places are taken, whoever it is
}

TEST_CASE("plain passwords are for this machine, and a proxy elsewhere cannot say that its client is here") {
    receiving_server server(engine::sqlite, {}, receiving_server::purpose::submit);
    server.server.change({}, postern::net::network_list(loopback));
    server.start();
    smtp_dialogue remote(server.at);
    remote.play("C: " + header + "\nS: 220\nC: AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABjb3JyZWN0IGhvcnNl\nS: 5\n");
}

TEST_CASE("what changes while it runs is for those who come then") {
    limit_settings limits;
    receiving_server server(engine::sqlite, limits);
    server.start();
    auto before = server.client();
    limits.smtp_connections = 1;
    limits.smtp_errors = 1;
    boost::asio::co_spawn(
        server.db.loop,
        [](receiving_server& s, limit_settings to) -> postern::net::awaitable<void> {
            s.server.change(to, {});
            co_return;
        }(server, limits),
        boost::asio::use_future)
        .get();
    smtp_dialogue after(server.at);
    after.play("S: 421\nS: <end>\n");
    before.play("C: WRONG\nS: 500\nC: WRONG\nS: 500\nC: QUIT\nS: 221\n");
    smtp_dialogue later(server.at);
    later.play("S: 220\nC: WRONG\nS: 500\nC: WRONG\nS: 421\n");
}

TEST_CASE("while it drains who comes is told to come again") {
    receiving_server server(engine::sqlite);
    server.start();
    auto busy = server.client();
    busy.play("C: MAIL FROM:<a@remote.test>\nS: 250\nC: RCPT TO:<alice@example.test>\nS: 250\nC: DATA\nS: 354\n");
    auto stopped = boost::asio::co_spawn(server.db.loop, server.server.stop(std::chrono::seconds(20)), boost::asio::use_future);
    smtp_dialogue late(server.at);
    late.play("S: 421 4.3.2\nS: <end>\n");
    busy.send("Subject: x\r\n\r\nx\r\n.\r\n");
    CHECK(busy.reply().starts_with("250 2.0.0 "));
    CHECK(stopped.get());
    CHECK_THROWS(smtp_dialogue(server.at));  // nobody listens
}

}  // namespace proxy_test
