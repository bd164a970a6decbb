#include <boost/json/serialize.hpp>

#include "api_server.hpp"

namespace list_test {

using namespace postern;
using storage::mailbox_role;
using test::api_server;
using test::http_client;

namespace {

std::string letter(const std::string& subject) {
    return "From: =?utf-8?q?B=C3=B6b?= <bob@example.org>\r\nTo: Alice <alice@example.test>, carol@example.test\r\nSubject: " +
           subject + "\r\nDate: Mon, 23 Nov 2026 05:10:00 +0100\r\n\r\nHello Alice.\r\n";
}

std::vector<std::string> subjects(const boost::json::value& list) {
    std::vector<std::string> found;
    for (const auto& m : list.at("messages").as_array()) found.push_back(test::text_of(m.at("subject")));
    return found;
}

}  // namespace

TEST_CASE("an account sees its address, its quota in use and its mailboxes") {
    api_server api(ON_BOTH_DATABASES);
    const auto carol = api.add_account("carol", 1'000'000);
    const auto size = letter("One").size();
    api.deliver(letter("One"), {carol, api.alice});
    api.start();
    http_client client(api.at);
    const auto answer = client.get("/api/v1/account", "Authorization: " + test::basic("carol@example.test", "secret") + "\r\n");
    CHECK(answer.status == 200);
    CHECK(answer.field("Content-Type") == "application/json");
    CHECK(answer.field("Cache-Control") == "no-store");
    CHECK(answer.field("X-Content-Type-Options") == "nosniff");
    CHECK(answer.field("Server") == "postern");
    CHECK(answer.field("Date") == "Mon, 24 Nov 2025 16:00:01 GMT");
    const auto o = answer.json();
    CHECK(o.at("address") == "carol@example.test");
    CHECK(o.at("name") == "The carol");
    CHECK(o.at("admin") == false);
    CHECK(o.at("created_at") == "2025-11-24T16:00:00Z");
    CHECK(o.at("quota").at("used") == size);
    CHECK(o.at("quota").at("limit") == 1'000'000);
    const auto& mailboxes = o.at("mailboxes").as_array();
    REQUIRE(mailboxes.size() == 6);
    CHECK(mailboxes[0].at("id").is_string());
    CHECK(mailboxes[0].at("name") == "Inbox");
    CHECK(mailboxes[0].at("role") == "inbox");
    CHECK(mailboxes[0].at("total") == 1);
    CHECK(mailboxes[0].at("unread") == 1);
    CHECK(client.get("/api/v1/account", api.as_alice).json().at("quota").at("limit").is_null());
}

TEST_CASE("mailboxes are listed with the numbers the account has") {
    api_server api(ON_BOTH_DATABASES);
    api.deliver(letter("One"), {api.bob}, &api.alice);
    api.start();
    http_client client(api.at);
    const auto mine = client.get("/api/v1/mailboxes", api.as_alice).json();
    CHECK(mine.as_object().size() == 1);
    CHECK(boost::json::serialize(mine.at("mailboxes")) ==
          boost::json::serialize(client.get("/api/v1/account", api.as_alice).json().at("mailboxes")));
    for (const auto& m : mine.at("mailboxes").as_array()) {
        CHECK(m.at("total") == (m.at("role") == "sent" ? 1 : 0));
        CHECK(m.at("unread") == 0);
    }
}

TEST_CASE("a list shows a message as it is") {
    api_server api(ON_BOTH_DATABASES);
    const auto inbox = api.mailbox(api.alice, mailbox_role::inbox);
    api.deliver(letter("One"), {api.alice});
    api.start();
    http_client client(api.at);
    const auto list = client.get("/api/v1/inbox", api.as_alice).json();
    CHECK(list.at("total") == 1);
    CHECK(list.at("next_cursor").is_null());
    auto m = list.at("messages").at(0).as_object();
    REQUIRE(core::parse_id<core::entry_id>(test::text_of(m.at("id"))).has_value());
    m.erase("id");
    CHECK(m.size() == 13);
    CHECK(m.at("answered") == false);
    CHECK(test::text_of(m.at("mailbox")) == core::to_string(inbox.id));
    CHECK(boost::json::serialize(m.at("from")) ==
          "{\"name\":\"B\xC3\xB6"
          "b\",\"address\":\"bob@example.org\"}");
    CHECK(boost::json::serialize(m.at("to")) ==
          R"([{"name":"Alice","address":"alice@example.test"},{"name":"","address":"carol@example.test"}])");
    CHECK(m.at("subject") == "One");
    CHECK(m.at("date") == "2026-11-23T04:10:00Z");
    CHECK(m.at("received_at") == "2025-11-24T16:00:00Z");
    CHECK(m.at("size") == letter("One").size());
    CHECK(m.at("preview") == "Hello Alice.");
    CHECK(m.at("seen") == false);
    CHECK(m.at("flagged") == false);
    CHECK(m.at("has_attachments") == false);
}

TEST_CASE("inbox, sent and a mailbox by its id are lists of the same form") {
    api_server api(ON_BOTH_DATABASES);
    const auto inbox = api.mailbox(api.bob, mailbox_role::inbox);
    const auto drafts = api.mailbox(api.bob, mailbox_role::drafts);
    api.deliver(letter("One"), {api.bob}, &api.alice);
    api.start();
    http_client client(api.at);
    const auto sent = client.get("/api/v1/sent", api.as_alice).json();
    CHECK(subjects(sent) == std::vector<std::string>{"One"});
    CHECK(sent.at("messages").at(0).at("seen") == true);
    CHECK(client.get("/api/v1/sent", api.as_bob).body == R"({"messages":[],"next_cursor":null,"total":0})");
    const auto by_id = client.get("/api/v1/mailboxes/" + core::to_string(inbox.id) + "/messages", api.as_bob);
    CHECK(by_id.body == client.get("/api/v1/inbox", api.as_bob).body);
    const auto empty = client.get("/api/v1/mailboxes/" + core::to_string(drafts.id) + "/messages", api.as_bob);
    CHECK(empty.body == R"({"messages":[],"next_cursor":null,"total":0})");
}

TEST_CASE("a long list is read page by page, newest first, also while mail comes in") {
    api_server api(ON_BOTH_DATABASES);
    for (int i = 1; i <= 5; ++i) api.deliver(letter(std::to_string(i)), {api.alice});
    api.start();
    http_client client(api.at);
    const auto first = client.get("/api/v1/inbox?limit=2", api.as_alice).json();
    CHECK(subjects(first) == std::vector<std::string>{"5", "4"});
    CHECK(first.at("total") == 5);
    api.stop();
    api.deliver(letter("6"), {api.alice});  // the open page does not shift
    const auto cursor = test::text_of(first.at("next_cursor"));

    // The server has stopped with its loop; another goes on where the client stands: a cursor holds no state here.
    http::server again(api.db.executor(), api.parts.services(api.easy), http::api_routes(), {}, {});
    REQUIRE(again.listen({{"127.0.0.1", 0}}));
    again.start();
    std::jthread loop([&] { api.db.loop.run(); });
    http_client second_client(again.endpoints().front());
    const auto second = second_client.get("/api/v1/inbox?limit=2&cursor=" + cursor, api.as_alice).json();
    CHECK(subjects(second) == std::vector<std::string>{"3", "2"});
    CHECK(second.at("total") == 6);
    const auto last = second_client.get("/api/v1/inbox?cursor=" + test::text_of(second.at("next_cursor")), api.as_alice).json();
    CHECK(subjects(last) == std::vector<std::string>{"1"});
    CHECK(last.at("next_cursor").is_null());
    CHECK(api.on_loop(again.stop(std::chrono::seconds(10))));
    api.db.loop.stop();
}

TEST_CASE("fifty messages are a page unless told otherwise, five hundred the most") {
    api_server api(test::engine::sqlite);
    for (int i = 1; i <= 51; ++i) api.deliver(letter(std::to_string(i)), {api.alice});
    api.start();
    http_client client(api.at);
    CHECK(subjects(client.get("/api/v1/inbox", api.as_alice).json()).size() == 50);
    CHECK(subjects(client.get("/api/v1/inbox?limit=500", api.as_alice).json()).size() == 51);
}

TEST_CASE("what a list cannot be asked is 400 and names the parameter") {
    api_server api(test::engine::sqlite);
    const auto inbox = api.mailbox(api.alice, mailbox_role::inbox);
    for (int i = 1; i <= 2; ++i) api.deliver(letter(std::to_string(i)), {api.alice}, &api.alice);
    api.start();
    http_client client(api.at);
    const auto of_sent = test::text_of(client.get("/api/v1/sent?limit=1", api.as_alice).json().at("next_cursor"));
    const auto by_id = "/api/v1/mailboxes/" + core::to_string(inbox.id) + "/messages";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"/api/v1/inbox?limit=0", "limit"},
        {"/api/v1/inbox?limit=501", "limit"},
        {"/api/v1/sent?limit=x", "limit"},
        {by_id + "?limit=-1", "limit"},
        {"/api/v1/inbox?cursor=nonsense", "cursor"},
        {"/api/v1/inbox?cursor=" + of_sent, "cursor"},  // it would skip messages without a word
        {by_id + "?cursor=" + of_sent, "cursor"},
        {"/api/v1/inbox?page=2", "page"},
        {"/api/v1/inbox?limit=1&limit=2", "limit"},
        {"/api/v1/account?limit=1", "limit"},
    };
    for (const auto& [target, parameter] : cases) {
        CAPTURE(target);
        const auto answer = client.get(target, api.as_alice);
        CHECK_THAT(problem_of(answer, 400), Catch::Contains('"' + parameter + '"'));
        CHECK(test::text_of(answer.json().at("parameter")) == parameter);
        CHECK(answer.keep_alive);
    }
}

TEST_CASE("a mailbox that is another's, or nobody's, is 404") {
    api_server api(ON_BOTH_DATABASES);
    const auto bobs = core::to_string(api.mailbox(api.bob, mailbox_role::inbox).id);
    api.start();
    http_client client(api.at);
    const std::vector<std::string> ids = {bobs, "999999", "0", "-1", "x", "1%20", "99999999999999999999", "%2e%2e%2f"};
    for (const auto& id : ids) {
        CAPTURE(id);
        problem_of(client.get("/api/v1/mailboxes/" + id + "/messages", api.as_alice), 404);
    }
}

}  // namespace list_test
