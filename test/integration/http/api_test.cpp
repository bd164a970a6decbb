// The API as a person's program uses it: changing, sending, following, administering.
#include "api_server.hpp"

namespace api_test {

using namespace postern;
using test::api_server;
using test::http_answer;
using test::http_client;
using test::text_of;

namespace {

constexpr std::string_view letter =
    "From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nMessage-ID: <m1@example.test>\r\nSubject: "
    "hello\r\n\r\nhello\r\n";

struct running : api_server {
    running() : api_server(ON_BOTH_DATABASES) {}

    http_answer ask(std::string_view method, const std::string& path, const std::string& json = {},
                    const std::string& fields = {}) {
        http_client client(at);
        const auto target = "/api/v1" + path;
        if (json.empty()) return client.request(method, target, as_alice + fields);
        return client.send_json(method, target, json, as_alice + fields);
    }
    boost::json::value get(const std::string& path) {
        const auto answer = ask("GET", path);
        CAPTURE(path, answer.body);
        REQUIRE(answer.status == 200);
        return answer.json();
    }
    std::string mailbox_id(const std::string& role) {
        for (const auto& m : get("/mailboxes").at("mailboxes").as_array())
            if (m.at("role").is_string() && text_of(m.at("role")) == role) return text_of(m.at("id"));
        throw std::logic_error("no such mailbox");
    }
    boost::json::array messages(const std::string& role) {
        return get("/mailboxes/" + mailbox_id(role) + "/messages").at("messages").as_array();
    }
    /// {total, unread} of a mailbox.
    std::pair<std::int64_t, std::int64_t> counts(const std::string& role) {
        for (const auto& m : get("/mailboxes").at("mailboxes").as_array())
            if (m.at("role").is_string() && text_of(m.at("role")) == role)
                return {m.at("total").as_int64(), m.at("unread").as_int64()};
        return {};
    }
};

}  // namespace

TEST_CASE("a message is marked, moved, thrown away and gone for good, and the mailboxes' numbers follow") {
    running api;
    api.deliver(std::string(letter), {api.alice});
    api.start();
    const auto id = text_of(api.messages("inbox").at(0).at("id"));
    const auto marked = api.ask("PATCH", "/messages/" + id, R"({"seen":true,"flagged":true})");
    REQUIRE(marked.status == 200);
    CHECK(marked.json().at("seen") == true);
    CHECK(marked.json().at("flagged") == true);
    CHECK(api.counts("inbox") == std::pair<std::int64_t, std::int64_t>{1, 0});

    const auto archive = api.mailbox_id("archive");
    const auto moved = api.ask("PATCH", "/messages/" + id, R"({"mailbox":")" + archive + R"(","seen":false})");
    CHECK(text_of(moved.json().at("id")) == id);
    CHECK(text_of(moved.json().at("mailbox")) == archive);
    CHECK(api.counts("inbox") == std::pair<std::int64_t, std::int64_t>{0, 0});
    CHECK(api.counts("archive") == std::pair<std::int64_t, std::int64_t>{1, 1});

    CHECK(api.ask("DELETE", "/messages/" + id).status == 204);
    CHECK(api.messages("trash").size() == 1);
    CHECK(api.ask("DELETE", "/messages/" + id).status == 204);
    problem_of(api.ask("GET", "/messages/" + id), 404);
    problem_of(api.ask("PATCH", "/messages/" + id, R"({"seen":true})"), 404);
    CHECK(api.get("/account").at("quota").at("used") == 0);
}

TEST_CASE("a change for what the client has seen is refused when somebody was there before") {
    running api;
    api.deliver(std::string(letter), {api.alice});
    api.start();
    const auto id = text_of(api.messages("inbox").at(0).at("id"));
    const auto before = api.ask("GET", "/messages/" + id).field("ETag");
    REQUIRE_FALSE(before.empty());
    CHECK(api.ask("GET", "/messages/" + id, {}, "If-None-Match: " + before + "\r\n").status == 304);
    const auto tag = api.ask("PATCH", "/messages/" + id, R"({"seen":true})", "If-Match: " + before + "\r\n").field("ETag");
    CHECK(tag == api.ask("GET", "/messages/" + id).field("ETag"));
    CHECK(api.ask("GET", "/messages/" + id, {}, "If-None-Match: " + before + "\r\n").status == 200);
    CHECK(api.ask("PATCH", "/messages/" + id, R"({"flagged":true})", "If-Match: " + tag + "\r\n").status == 200);
    problem_of(api.ask("PATCH", "/messages/" + id, R"({"flagged":false})", "If-Match: " + tag + "\r\n"), 412);
    problem_of(api.ask("DELETE", "/messages/" + id, {}, "If-Match: " + tag + "\r\n"), 412);
    CHECK(api.messages("inbox").at(0).at("flagged") == true);
}

TEST_CASE("many messages are changed at once, each with its own outcome, and never somebody else's") {
    running api;
    for (int i = 0; i < 3; ++i) api.deliver(std::string(letter), {api.alice});
    api.deliver(std::string(letter), {api.bob});
    api.start();
    std::string ids;
    for (const auto& m : api.messages("inbox")) ids += '"' + text_of(m.at("id")) + "\",";
    http_client client(api.at);
    const auto of_bob = client.get("/api/v1/inbox", api.as_bob).json().at("messages").at(0);
    const auto all = "[" + ids + '"' + text_of(of_bob.at("id")) + "\"]";
    const auto marked =
        api.ask("POST", "/messages/batch", R"({"ids":)" + all + R"(,"seen":true})").json().at("results").as_array();
    REQUIRE(marked.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(marked[i].at("status") == (i < 3 ? 200 : 404));
    CHECK(client.get("/api/v1/inbox", api.as_bob).json().at("messages").at(0).at("seen") == false);
    CHECK(api.ask("POST", "/messages/batch", R"({"ids":)" + all + R"(,"delete":true})").status == 200);
    CHECK(api.counts("trash") == std::pair<std::int64_t, std::int64_t>{3, 0});
    struct {
        const char* why;
        std::string body;
    } const wrong[] = {
        {"no ids", R"({"ids":[],"seen":true})"},
        {"not an id", R"({"ids":["x"],"seen":true})"},
        {"no such mailbox", R"({"ids":["1"],"mailbox":"999999"})"},
        {"throwing away and keeping", R"({"ids":["1"],"delete":true,"seen":true})"},
        {"a misspelt member", R"({"ids":["1"],"sen":true})"},
    };
    for (const auto& w : wrong) {
        INFO(w.why);
        problem_of(api.ask("POST", "/messages/batch", w.body), 422);
    }
}

TEST_CASE("mailboxes are made, renamed and removed, but for those the server needs") {
    running api;
    api.deliver(std::string(letter), {api.alice});
    api.start();
    const auto made = api.ask("POST", "/mailboxes", R"({"name":"Projects"})");
    REQUIRE(made.status == 201);
    const auto id = text_of(made.json().at("id"));
    CHECK(made.json().at("role").is_null());
    problem_of(api.ask("POST", "/mailboxes", R"({"name":"Projects"})"), 409);
    problem_of(api.ask("POST", "/mailboxes", R"({"name":""})"), 422);
    CHECK(api.ask("PATCH", "/mailboxes/" + id, R"({"name":"Plans"})").json().at("name") == "Plans");
    problem_of(api.ask("PATCH", "/mailboxes/" + api.mailbox_id("inbox"), R"({"name":"x"})"), 409);
    problem_of(api.ask("DELETE", "/mailboxes/" + api.mailbox_id("inbox")), 409);
    const auto message = text_of(api.messages("inbox").at(0).at("id"));
    CHECK(api.ask("PATCH", "/messages/" + message, R"({"mailbox":")" + id + R"("})").status == 200);
    CHECK(api.ask("DELETE", "/mailboxes/" + id).status == 204);
    CHECK(api.messages("trash").size() == 1);
    problem_of(api.ask("DELETE", "/mailboxes/" + id), 404);
}

TEST_CASE("a message is sent as submission sends it: the sender's copy, inboxes and the queue") {
    running api;
    api.start();
    const auto sent = api.ask("POST", "/messages",
                              R"({"to":["bob@example.test",{"name":"C","address":"c@remote.test"}],"bcc":["d@remote.test"],)"
                              R"("subject":"gr\u00fc\u00dfe","text":"hello\n","html":"<p>hello</p>",)"
                              R"("attachments":[{"filename":"a.txt","content_type":"text/plain","content":"aGVsbG8="}],)"
                              R"("headers":{"X-Campaign":"7"}})");
    CAPTURE(sent.body);
    REQUIRE(sent.status == 202);
    const auto posted = sent.json();
    REQUIRE(posted.at("queue").as_array().size() == 2);
    CHECK(posted.at("queue").at(0).at("recipient") == "c@remote.test");
    CHECK(posted.at("delivered") == boost::json::array{"bob@example.test"});

    const auto copy = api.get("/messages/" + text_of(api.messages("sent").at(0).at("id")));
    CHECK(copy.at("subject") ==
          "gr\xc3\xbc\xc3\x9f"
          "e");
    CHECK(copy.at("from").at("address") == "alice@example.test");
    CHECK(copy.at("from").at("name") == "The alice");
    CHECK(copy.at("message_id") == posted.at("message_id"));
    CHECK(copy.at("seen") == true);
    http_client client(api.at);
    const auto received = client.get("/api/v1/inbox", api.as_bob).json().at("messages").at(0);
    const auto raw = client.get("/api/v1/messages/" + text_of(received.at("id")) + "/raw", api.as_bob).body;
    CHECK_THAT(raw, Catch::StartsWith("Return-Path: <alice@example.test>\r\nReceived: from [127.0.0.1] by mx.example.test"));
    CHECK_THAT(raw, Catch::Contains("with HTTP id " + text_of(posted.at("id"))) && Catch::Contains("X-Campaign: 7\r\n"));
    CHECK_FALSE(raw.contains("d@remote.test"));  // Bcc
    api.stop();
    const auto queued = api.require(api.db.run(api.db->queue().list({})));
    REQUIRE(queued.size() == 2);
    CHECK(queued[0].submitted_by == api.alice.id);
}

TEST_CASE("what may not be sent is refused with the member at fault, and nothing is sent to anybody") {
    running api;
    api.start();
    struct {
        const char* why;
        std::string body;
        std::string member;
    } const cases[] = {
        {"somebody else's name", R"({"from":"bob@example.test","to":["bob@example.test"],"text":"x"})", "from"},
        {"nobody to send to", R"({"text":"x"})", "to"},
        {"one good, one unknown", R"({"to":["bob@example.test","nobody@example.test"],"text":"x"})", "to"},
        {"no address", R"({"to":["bob"],"text":"x"})", "to"},
        {"a field that is ours", R"({"to":["bob@example.test"],"headers":{"Bcc":"x"}})", "headers.Bcc"},
        {"not base64", R"({"to":["bob@example.test"],"attachments":[{"content":"%"}]})", "attachments[0].content"},
        {"an answer to nothing", R"({"to":["bob@example.test"],"in_reply_to":"x"})", "in_reply_to"},
    };
    for (const auto& c : cases) {
        INFO(c.why);
        const auto answer = api.ask("POST", "/messages", c.body);
        problem_of(answer, 422);
        CHECK(text_of(answer.json().at("member")) == c.member);
    }
    problem_of(api.ask("POST", "/messages", R"({"to":["bob@example.test"],"in_reply_to":"99999999"})"), 404);
    CHECK(api.counts("sent").first == 0);
    http_client client(api.at);
    CHECK(client.get("/api/v1/inbox", api.as_bob).json().at("total") == 0);
}

TEST_CASE("the same key sends once and answers the same, and another request with it is refused") {
    running api;
    api.start();
    const std::string key = "Idempotency-Key: k-1\r\n";
    const std::string body = R"({"to":["bob@example.test","x@remote.test"],"text":"x"})";
    const auto first = api.ask("POST", "/messages", body, key);
    const auto again = api.ask("POST", "/messages", body, key);
    REQUIRE(first.status == 202);
    CHECK(again.status == 202);
    CHECK(again.body == first.body);
    problem_of(api.ask("POST", "/messages", R"({"to":["bob@example.test"],"text":"y"})", key), 422);
    problem_of(api.ask("POST", "/messages", body, "Idempotency-Key: " + std::string(256, 'k') + "\r\n"), 400);
    CHECK(api.counts("sent").first == 1);
}

TEST_CASE("a form brings files as they are") {
    running api;
    api.start();
    const std::string octets("\0\r\n--\xff", 6);
    const std::string form =
        "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"to\":[\"bob@example.test\"],\"text\":\"x\"}\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"a%22b.bin\"\r\n"
        "Content-Type: application/x-a\r\n\r\n" +
        octets + "\r\n--b--\r\n";
    http_client client(api.at);
    const auto fields = api.as_alice + "Content-Type: multipart/form-data; boundary=b\r\n";
    const auto sent = client.request_with("POST", "/api/v1/messages", fields, form);
    CAPTURE(sent.body);
    REQUIRE(sent.status == 202);
    const auto copy = text_of(api.messages("sent").at(0).at("id"));
    CHECK(api.get("/messages/" + copy).at("attachments").at(0).at("filename") == "a\"b.bin");
    CHECK(api.ask("GET", "/messages/" + copy + "/attachments/1").body == octets);
    for (const auto& broken :
         {form.substr(0, form.size() - 6), std::string("--b--"), std::string("x"), "--b\r\nX: y\r\n\r\n\r\n--b--" + form}) {
        problem_of(client.request_with("POST", "/api/v1/messages", fields, broken), 400);
    }
}

TEST_CASE("a draft is kept, written anew under the same id, and sent once: then it is a draft no more") {
    running api;
    api.deliver(std::string(letter), {api.alice});
    api.start();
    const auto answered = text_of(api.messages("inbox").at(0).at("id"));
    const auto kept = api.ask("POST", "/drafts", R"({"text":"half a","bcc":["c@remote.test"]})");
    CAPTURE(kept.body);
    REQUIRE(kept.status == 201);
    const auto id = text_of(kept.json().at("id"));
    const auto rewritten =
        api.ask("PUT", "/drafts/" + id,
                R"({"to":["bob@example.test"],"bcc":["c@remote.test"],"subject":"s","text":"a whole\nletter\n",)"
                R"("attachments":[{"filename":"f","content":"AAEC"}],"in_reply_to":")" +
                    answered + R"("})");
    CHECK(rewritten.status == 200);
    CHECK(text_of(rewritten.json().at("id")) == id);
    REQUIRE(api.messages("drafts").size() == 1);
    const auto draft = api.get("/messages/" + id);
    CHECK(draft.at("bcc").at(0).at("address") == "c@remote.test");
    CHECK(draft.at("in_reply_to") == "m1@example.test");
    CHECK(draft.at("references") == boost::json::array{"m1@example.test"});

    const std::string key = "Idempotency-Key: d\r\n";
    const auto sent = api.ask("POST", "/drafts/" + id + "/send", {}, key);
    CAPTURE(sent.body);
    REQUIRE(sent.status == 202);
    CHECK(sent.json().at("queue").as_array().size() == 1);
    CHECK(api.ask("POST", "/drafts/" + id + "/send", {}, key).body == sent.body);
    problem_of(api.ask("POST", "/drafts/" + id + "/send"), 404);
    CHECK(api.messages("drafts").empty());
    const auto copy = api.get("/messages/" + text_of(api.messages("sent").at(0).at("id")));
    CHECK(copy.at("text") == "a whole\nletter\n");
    CHECK(copy.at("attachments").as_array().size() == 1);
    CHECK(copy.at("in_reply_to") == "m1@example.test");
    problem_of(api.ask("PUT", "/drafts/" + answered, R"({"text":"x"})"), 404);  // a message that is no draft
}

TEST_CASE("who follows hears of what comes and changes, and resumes where they broke off") {
    running api;
    api.deliver(std::string(letter), {api.alice});
    api.start();
    const auto id = text_of(api.messages("inbox").at(0).at("id"));
    http_client follower(api.at);
    follower.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n" + api.as_alice + "\r\n");
    std::string seen;
    const auto until = [&](http_client& from, const std::string& text) {
        while (!seen.contains(text)) seen += from.read_some();
    };
    until(follower, "\nid: ");
    CHECK(api.ask("PATCH", "/messages/" + id, R"({"flagged":true})").status == 200);
    until(follower, "event: flags\n");
    CHECK_THAT(seen, Catch::Contains("\"id\":\"" + id + "\"") && Catch::Contains("\"flagged\":true"));
    CHECK_FALSE(seen.contains("event: message"));  // what was there before
    const auto at = seen.rfind("\nid: ") + 5;
    const auto last = seen.substr(at, seen.find('\n', at) - at);

    CHECK(api.ask("POST", "/messages", R"({"to":["alice@example.test"],"text":"to myself"})").status == 202);
    until(follower, "event: message\n");
    http_client later(api.at);
    seen.clear();
    later.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + last + "\r\n" + api.as_alice + "\r\n");
    until(later, "event: message\n");
    CHECK_FALSE(seen.contains("event: flags"));
    http_client strange(api.at);
    seen.clear();
    strange.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: nonsense\r\n" + api.as_alice + "\r\n");
    until(strange, "event: reset\n");
}

TEST_CASE("a person changes their name, and their password knowing the old one") {
    running api;
    api.start();
    CHECK(api.ask("PATCH", "/account", R"({"name":"Alice A."})").json().at("name") == "Alice A.");
    problem_of(api.ask("PUT", "/account/password", R"({"old":"wrong","new":"correct horse battery"})"), 422);
    problem_of(api.ask("PUT", "/account/password", R"({"old":"secret","new":"short"})"), 422);
    CHECK(api.ask("PUT", "/account/password", R"({"old":"secret","new":"correct horse battery"})").status == 204);
    api.stop();
    const auto now = api.require(api.db.run(api.db->accounts().find_account(api.alice.id)));
    CHECK(now->password_hash.starts_with("$argon2id$"));
}

TEST_CASE("app passwords and tokens are shown once, listed and revoked") {
    running api;
    api.start();
    const auto made = api.ask("POST", "/account/app-passwords", R"({"name":"phone"})");
    REQUIRE(made.status == 201);
    CHECK(text_of(made.json().at("password")).size() == 34);
    CHECK_FALSE(api.ask("GET", "/account/app-passwords").body.contains("\"password\""));
    CHECK(api.ask("DELETE", "/account/app-passwords/" + text_of(made.json().at("id"))).status == 204);

    const auto token = api.ask("POST", "/account/tokens", R"({"name":"script","scopes":["read"]})");
    REQUIRE(token.status == 201);
    const auto bearer = "Authorization: Bearer " + text_of(token.json().at("token")) + "\r\n";
    CHECK(http_client(api.at).get("/api/v1/inbox", bearer).status == 200);
    problem_of(http_client(api.at).send_json("POST", "/api/v1/messages", R"({"to":["bob@example.test"]})", bearer), 403);
    CHECK_FALSE(api.ask("GET", "/account/tokens").body.contains("pt_"));
    CHECK(api.ask("DELETE", "/account/tokens/" + text_of(token.json().at("id"))).status == 204);
    problem_of(http_client(api.at).get("/api/v1/inbox", bearer), 401);
    problem_of(api.ask("POST", "/account/tokens", R"({"name":"x","scopes":["everything"]})"), 422);
    problem_of(api.ask("POST", "/account/tokens", R"({"name":"x","scopes":["admin"]})"), 409);
}

TEST_CASE("an administrator does over HTTP what the command line does") {
    running api;
    api.start();
    http_client client(api.at);
    const auto ask = [&](std::string_view method, const std::string& path, const std::string& json = {}) {
        const auto target = "/api/v1/admin" + path;
        return json.empty() ? client.request(method, target, api.as_root) : client.send_json(method, target, json, api.as_root);
    };
    CHECK(ask("POST", "/domains", R"({"name":"Second.test"})").json().at("name") == "second.test");
    problem_of(ask("POST", "/domains", R"({"name":"second.test"})"), 409);
    const auto added = ask("POST", "/accounts", R"({"address":"carol@second.test","name":"Carol","password":"correct horse"})");
    REQUIRE(added.status == 201);
    CHECK(added.json().at("can_sign_in") == true);
    const auto changed =
        ask("PATCH", "/accounts/carol@second.test", R"({"name":"C","quota":1000,"disabled":true,"admin":true})");
    CHECK(changed.json().at("name") == "C");
    CHECK(changed.json().at("quota").at("limit") == 1000);
    CHECK(changed.json().at("disabled") == true);
    CHECK(ask("PATCH", "/accounts/carol@second.test", R"({"quota":null})").json().at("quota").at("limit").is_null());
    CHECK(ask("POST", "/aliases", R"({"address":"sales@second.test","targets":["carol@second.test"]})").status == 201);
    CHECK(ask("GET", "/accounts/carol@second.test").json().at("aliases") == boost::json::array{"sales@second.test"});
    problem_of(ask("DELETE", "/domains/second.test"), 409);
    CHECK(ask("DELETE", "/aliases/sales@second.test").status == 204);
    CHECK(ask("DELETE", "/accounts/carol@second.test").status == 204);
    problem_of(ask("GET", "/accounts/carol@second.test"), 404);

    const auto sent = api.ask("POST", "/messages", R"({"to":["x@remote.test"],"text":"x"})").json();
    const auto item = "/queue/" + text_of(sent.at("queue").at(0).at("id"));
    CHECK(ask("GET", "/queue?domain=remote.test").json().at("items").at(0).at("sender") == "alice@example.test");
    CHECK(ask("GET", "/queue?state=held").json().at("items").as_array().empty());
    CHECK(ask("POST", item + "/hold").status == 204);
    CHECK(ask("GET", item).json().at("state") == "held");
    CHECK(ask("POST", item + "/release").status == 204);
    CHECK(ask("POST", item + "/bounce").status == 204);
    problem_of(ask("GET", item), 404);
    CHECK(api.counts("inbox").first == 1);  // the notice
    CHECK(ask("GET", "/messages?id=" + text_of(sent.at("id"))).json().at("messages").as_array().size() == 1);
    const auto overview = ask("GET", "/overview").json();
    CHECK(overview.at("accounts") == 4);  // with the postmaster that the first domain brought
    CHECK(overview.at("queue").at("waiting") == 0);
}

TEST_CASE("mail programs find their settings by themselves") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    for (const std::string path : {"/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"}) {
        const auto answer = client.get(path + "?emailaddress=alice%40example.org");
        CHECK(answer.status == 200);
        CHECK(answer.field("Content-Type") == "text/xml; charset=utf-8");
        CHECK_THAT(answer.body, Catch::Contains("<domain>example.org</domain>"));
        const auto server = [](const std::string& element, const std::string& type, int port, const std::string& socket) {
            return "    <" + element + " type=\"" + type + "\">\n      <hostname>mx.example.test</hostname>\n      <port>" +
                   std::to_string(port) + "</port>\n      <socketType>" + socket +
                   "</socketType>\n      <authentication>password-cleartext</authentication>\n"
                   "      <username>%EMAILADDRESS%</username>\n    </" +
                   element + ">\n";
        };
        // The preferred one first: RFC 8314 3.3.
        CHECK_THAT(
            answer.body,
            Catch::Contains(server("incomingServer", "imap", 993, "SSL") + server("incomingServer", "imap", 143, "STARTTLS") +
                            server("outgoingServer", "smtp", 465, "SSL") + server("outgoingServer", "smtp", 587, "STARTTLS")));
        CHECK(client.get(path).status == 200);
    }
    const auto hostile = client.get("/mail/config-v1.1.xml?emailaddress=a%40%3Cb%3E%26%22x");
    CHECK_THAT(hostile.body, Catch::Contains("<domain>&lt;b&gt;&amp;&quot;x</domain>"));
    for (const auto* wrong : {"a", "%40b", "a%40", "a%40b%0D", "a%40b%20c"}) {
        CHECK(client.get(std::string("/mail/config-v1.1.xml?emailaddress=") + wrong).status == 400);
    }
}

TEST_CASE("mail programs are told of no server that does not listen") {
    api_server api(test::engine::sqlite);
    api.parts.clients = {.hostname = "mx.example.test", .submission_port = 587, .imaps_port = 993};
    api.start();
    const auto told = http_client(api.at).get("/mail/config-v1.1.xml").body;
    CHECK_THAT(told, Catch::Contains("<port>993</port>") && Catch::Contains("<port>587</port>"));
    CHECK_THAT(told, !Catch::Contains("<port>0</port>"));
    CHECK(told.find("<incomingServer") == told.rfind("<incomingServer"));
    CHECK(told.find("<outgoingServer") == told.rfind("<outgoingServer"));
}

TEST_CASE("Autodiscover answers with all servers") {
    api_server api(test::engine::sqlite);
    api.start();
    const auto ask = [&](const std::string& body, const std::string& type = "text/xml") {
        http_client client(api.at);
        client.send("POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: a\r\nContent-Type: " + type +
                    "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return client.read().value();
    };
    const auto found =
        ask("<?xml version=\"1.0\"?><Autodiscover><Request><EMailAddress>al&amp;ice@example.org</EMailAddress>"
            "</Request></Autodiscover>");
    CHECK(found.status == 200);
    CHECK_THAT(found.body, Catch::Contains("<LoginName>al&amp;ice@example.org</LoginName>") &&
                               Catch::Contains("<Port>465</Port>") && Catch::Contains("<Encryption>TLS</Encryption>"));
    for (const auto* each : {"<Type>IMAP</Type>\n        <Server>mx.example.test</Server>\n        <Port>993</Port>",
                             "<Type>IMAP</Type>\n        <Server>mx.example.test</Server>\n        <Port>143</Port>",
                             "<Type>SMTP</Type>\n        <Server>mx.example.test</Server>\n        <Port>587</Port>"}) {
        CHECK_THAT(found.body, Catch::Contains(each));
    }
    CHECK(found.body.find("<UsePOPAuth>") > found.body.find("<Type>SMTP</Type>"));  // an element of SMTP alone
    CHECK(ask("<EMailAddress>" + std::string(3'000, 'a') + "@b</EMailAddress>").status == 400);
    CHECK(ask("<EMailAddress>a@b").status == 400);
    CHECK(ask("").status == 400);
    CHECK(ask("{}", "application/json").status == 415);
}

}  // namespace api_test
