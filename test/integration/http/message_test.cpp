#include <boost/json/serialize.hpp>

#include "api_server.hpp"

namespace message_test {

using namespace postern;
using test::api_server;
using test::http_client;

namespace {

const std::string mixed =
    "Return-Path: <sender@example.org>\r\n"
    "From: Bob <bob@example.org>\r\n"
    "To: alice@example.test\r\n"
    "Cc: Carol <carol@example.test>\r\n"
    "Reply-To: list@example.org\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Message-ID: <m2@example.org>\r\n"
    "In-Reply-To: <m1@example.org>\r\n"
    "References: <m0@example.org> <m1@example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "\r\n"
    "Hello.\r\n"
    "--b\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Content-Disposition: attachment; filename*=utf-8''%E2%82%AC%20page.html\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\r\n"
    "--b--\r\n";

std::string id_of_first(http_client& client, const std::string& credentials, const char* list = "/api/v1/inbox") {
    return test::text_of(client.get(list, credentials).json().at("messages").at(0).at("id"));
}

}  // namespace

TEST_CASE("a message is found by its id in the mailbox and by the id of the 250 reply, and shows everything") {
    api_server api(ON_BOTH_DATABASES);
    const auto message = core::to_string(api.deliver(mixed, {api.alice, api.bob}));
    api.start();
    http_client client(api.at);
    const auto id = id_of_first(client, api.as_alice);
    const auto answer = client.get("/api/v1/messages/" + id, api.as_alice);
    REQUIRE(answer.status == 200);
    CHECK(client.get("/api/v1/messages/" + message, api.as_alice).body == answer.body);

    const auto o = answer.json();
    CHECK(test::text_of(o.at("id")) == id);
    CHECK(o.at("subject") ==
          "Gr\xC3\xBC\xC3\x9F"
          "e");
    CHECK(o.at("date").is_null());
    CHECK(o.at("size") == mixed.size());
    CHECK(o.at("has_attachments") == true);
    CHECK(boost::json::serialize(o.at("cc")) == R"([{"name":"Carol","address":"carol@example.test"}])");
    CHECK(boost::json::serialize(o.at("reply_to")) == R"([{"name":"","address":"list@example.org"}])");
    CHECK(o.at("message_id") == "m2@example.org");
    CHECK(o.at("in_reply_to") == "m1@example.org");
    CHECK(boost::json::serialize(o.at("references")) == R"(["m0@example.org","m1@example.org"])");
    CHECK(boost::json::serialize(o.at("headers").at(0)) == R"({"name":"Return-Path","value":"<sender@example.org>"})");
    CHECK(o.at("headers").as_array().size() == 11);
    CHECK(o.at("text") == "Hello.");  // the line end before the boundary is the boundary's (RFC 2046 5.1.1)
    CHECK(o.at("html").is_null());
    CHECK(boost::json::serialize(o.at("attachments")) ==
          "[{\"id\":\"1\",\"filename\":\"\xE2\x82\xAC page.html\",\"content_type\":\"text/html\",\"size\":25,"
          "\"content_id\":null,\"inline\":false}]");
    CHECK(boost::json::serialize(o.at("envelope")) == R"({"from":"sender@example.org","to":["alice@example.test"]})");
    CHECK(boost::json::serialize(o.at("places")) == R"([{"id":")" + id + R"(","mailbox":"Inbox"}])");
    const auto& events = o.at("events").as_array();
    REQUIRE(events.size() == 2);
    CHECK(boost::json::serialize(events[0]) ==
          R"({"at":"2025-11-24T16:00:00Z","kind":"received","recipient":null,"detail":{"from":"192.0.2.1"}})");
    CHECK(events[1].at("kind") == "delivered");
    CHECK(events[1].at("recipient") == "alice@example.test");
}

TEST_CASE("the sender's copy shows to whom the message went") {
    api_server api(ON_BOTH_DATABASES);
    api.deliver(mixed, {api.bob}, &api.alice);
    api.start();
    http_client client(api.at);
    const auto o = client.get("/api/v1/messages/" + id_of_first(client, api.as_alice, "/api/v1/sent"), api.as_alice).json();
    CHECK(boost::json::serialize(o.at("envelope").at("to")) == R"(["bob@example.test"])");
    CHECK(o.at("places").at(0).at("mailbox") == "Sent");
}

TEST_CASE("a message's own octets come back to the last one") {
    api_server api(ON_BOTH_DATABASES);
    // Larger than what is held in memory, and than a part in the database; no two pieces alike.
    std::string large = "Subject: large\r\n\r\n";
    for (int i = 0; large.size() < 3'000'000; ++i) large += "line " + std::to_string(i) + " \xFF\x80 \r\n";
    api.deliver(mixed, {api.alice});
    api.deliver(large, {api.alice});
    api.start();
    http_client client(api.at);
    const auto list = client.get("/api/v1/inbox", api.as_alice).json();
    const std::vector<std::pair<std::size_t, const std::string*>> cases = {{0, &large}, {1, &mixed}};
    for (const auto& [index, octets] : cases) {
        const auto target = "/api/v1/messages/" + test::text_of(list.at("messages").at(index).at("id")) + "/raw";
        const auto answer = client.get(target, api.as_alice);
        CHECK(answer.status == 200);
        CHECK(answer.field("Content-Type") == "message/rfc822");
        CHECK(answer.field("Content-Length") == std::to_string(octets->size()));
        CHECK(answer.field("X-Content-Type-Options") == "nosniff");
        CHECK(answer.field("Content-Security-Policy") == "default-src 'none'; sandbox");
        CHECK((answer.body == *octets));
        const auto head = client.request("HEAD", target, api.as_alice);
        CHECK(head.status == 200);
        CHECK(head.field("Content-Length") == std::to_string(octets->size()));
        CHECK(head.body.empty());
    }
}

TEST_CASE("an attachment is decoded, always saved, and never taken for a page") {
    api_server api(ON_BOTH_DATABASES);
    api.deliver(mixed, {api.alice});
    api.start();
    http_client client(api.at);
    const auto target = "/api/v1/messages/" + id_of_first(client, api.as_alice) + "/attachments/1";
    const auto answer = client.get(target, api.as_alice);
    CHECK(answer.status == 200);
    CHECK(answer.body == "<script>alert(1)</script>");
    CHECK(answer.field("Content-Length") == "25");
    CHECK(answer.field("Content-Type") == "text/html");
    CHECK(answer.field("Content-Disposition") ==
          "attachment; filename=\"_ page.html\"; filename*=UTF-8''%E2%82%AC%20page.html");
    CHECK(answer.field("X-Content-Type-Options") == "nosniff");
    CHECK(answer.field("Content-Security-Policy") == "default-src 'none'; sandbox");
    const auto head = client.request("HEAD", target, api.as_alice);
    CHECK(head.field("Content-Length") == "25");
    CHECK(head.field("Content-Disposition") == answer.field("Content-Disposition"));
}

TEST_CASE("a large attachment is decoded piece by piece to the last octet") {
    api_server api(ON_BOTH_DATABASES);
    std::string decoded;
    std::string encoded;
    for (int i = 0; i < 40'000; ++i) {
        std::string line = std::to_string(i);
        line.insert(0, 6 - line.size(), ' ');
        line.append(48, '\xE9');  // 54 octets: 72 characters of base64
        decoded += line;
        encoded += test::base64(line);
        encoded += "\r\n";
    }
    api.deliver(
        "Content-Type: application/x-data; name=d\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\n" +
            encoded,
        {api.alice});
    api.start();
    http_client client(api.at);
    const auto answer = client.get("/api/v1/messages/" + id_of_first(client, api.as_alice) + "/attachments/1", api.as_alice);
    CHECK(answer.status == 200);
    CHECK(answer.field("Content-Length") == std::to_string(decoded.size()));
    CHECK((answer.body == decoded));
}

TEST_CASE("what is another's, or nobody's, is 404 whatever is asked of it") {
    api_server api(ON_BOTH_DATABASES);
    const auto message = core::to_string(api.deliver(mixed, {api.bob}));
    api.deliver(mixed, {api.alice});
    api.start();
    http_client client(api.at);
    const auto mine = id_of_first(client, api.as_alice);
    const auto bobs = id_of_first(client, api.as_bob);
    std::vector<std::string> targets = {
        "/api/v1/messages/" + mine + "/attachments/2", "/api/v1/messages/" + mine + "/attachments/0",
        "/api/v1/messages/" + mine + "/attachments/x", "/api/v1/messages/" + mine + "/attachments"};
    for (const std::string& id :
         {bobs, message, std::string("999999999"), std::string("0"), std::string("x"), std::string("01")}) {
        for (const auto* rest : {"", "/raw", "/attachments/1"}) targets.push_back("/api/v1/messages/" + id + rest);
    }
    for (const auto& target : targets) {
        CAPTURE(target);
        problem_of(client.get(target, api.as_alice), 404);
    }
    CHECK(client.get("/api/v1/messages/" + bobs, api.as_bob).status == 200);
}

TEST_CASE("a message that is no message is shown as well as can be") {
    api_server api(test::engine::sqlite);
    const std::vector<std::string> odd = {"",
                                          "\r\n",
                                          "no header at all",
                                          std::string("\0\xFF\xFE", 3),
                                          "Content-Type: multipart/mixed\r\n\r\nx\r\n",
                                          "Subject: =?utf-8?b?////?=\r\n\r\n\xFF\r\n"};
    for (const auto& octets : odd) api.deliver(octets, {api.alice});
    api.start();
    http_client client(api.at);
    const auto list = client.get("/api/v1/inbox", api.as_alice).json();
    REQUIRE(list.at("messages").as_array().size() == odd.size());
    for (std::size_t i = 0; i < odd.size(); ++i) {
        const auto id = test::text_of(list.at("messages").at(odd.size() - 1 - i).at("id"));
        const auto answer = client.get("/api/v1/messages/" + id, api.as_alice);
        CHECK(answer.status == 200);
        CHECK(answer.json().is_object());
        CHECK(client.get("/api/v1/messages/" + id + "/raw", api.as_alice).body == odd[i]);
    }
}

}  // namespace message_test
