#include "http/message_json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "test/catch.hpp"

namespace message_json_test {

using namespace postern;
using namespace std::chrono;
namespace json = boost::json;

namespace {

const core::timestamp noon = sys_days{year{2026} / November / 23} + hours{12};

storage::entry one_entry() {
    storage::entry e;
    e.id = {42};
    e.message = {41};
    e.account = {7};
    e.mailbox = {11};
    e.role = storage::mailbox_role::inbox;
    e.mailbox_name = "Inbox";
    e.thread = {40};
    e.uid = 5;
    e.seen = true;
    e.received_at = noon;
    e.delivered_to = "alice+news@example.test";
    e.size = 999;
    e.summary.from = {"Bob", "bob@example.org"};
    e.summary.to = {{"Alice", "alice@example.test"}};
    e.summary.subject = "Hello";
    e.summary.date = noon - minutes{1};
    e.summary.preview = "Hello Alice";
    e.summary.has_attachments = true;
    return e;
}

message::parsed_message one_message() {
    message::parsed_message m;
    m.to = {{"Alice", "alice@example.test"}, {"", "carol@example.test"}};
    m.cc = {{"Dan", "dan@example.test"}};
    m.reply_to = {{"", "list@example.org"}};
    m.message_id = "m1@example.org";
    m.in_reply_to = {"m0@example.org", "other@example.org"};
    m.references = {"ma@example.org", "m0@example.org"};
    m.headers = {{"Subject", "Hello"}, {"X-A", ""}};
    m.text = message::body{"Hello\nAlice\n", false};
    m.html = message::body{"<p>Hello</p>", false};
    message::attachment a;
    a.id = 1;
    a.filename = "a.png";
    a.content_type = "image/png";
    a.size = 123;
    a.content_id = "cid1@example.org";
    a.is_inline = true;
    m.attachments = {a};
    return m;
}

storage::message_trace one_trace() {
    storage::message_trace t;
    t.id = {41};
    t.reverse_path = "bounce@example.org";
    t.recipients = {"alice+news@example.test", "hidden@example.test"};
    t.places = {{{42}, {"alice", "example.test"}, "Inbox", 5, "alice+news@example.test"},
                {{43}, {"hidden", "example.test"}, "Inbox", 9, "hidden@example.test"}};
    t.events = {{noon, "received", "", R"({"from":"192.0.2.1"})"},
                {noon, "delivered", "alice+news@example.test", "{}"},
                {noon, "delivered", "hidden@example.test", "not json"}};
    return t;
}

const storage::canonical_address alice{"alice", "example.test"};

constexpr std::string_view list_fields =
    R"("subject":"Hello","date":"2026-11-23T11:59:00Z","received_at":"2026-11-23T12:00:00Z","size":999,)"
    R"("preview":"Hello Alice","seen":true,"flagged":false,"answered":false,"has_attachments":true)";

}  // namespace

TEST_CASE("a list shows what it promises, field by field") {
    storage::entry_page page;
    page.entries = {one_entry()};
    page.total = 17;
    CHECK(http::list_json(page, "abc") ==
          R"({"messages":[{"id":"42","mailbox":"11","thread":"40","from":{"name":"Bob","address":"bob@example.org"},)"
          R"("to":[{"name":"Alice","address":"alice@example.test"}],)" +
              std::string(list_fields) + R"(}],"next_cursor":"abc","total":17})");
}

TEST_CASE("the last page has no cursor, an empty mailbox no messages") {
    CHECK(http::list_json({}, std::nullopt) == R"({"messages":[],"next_cursor":null,"total":0})");
}

TEST_CASE("a message without a date has the date null") {
    storage::entry_page page;
    page.entries = {one_entry()};
    page.entries[0].summary.date = std::nullopt;
    CHECK(http::list_json(page, std::nullopt).find(R"("date":null,"received_at")") != std::string::npos);
}

TEST_CASE("a message shows what it promises, field by field") {
    CHECK(http::message_json(one_entry(), one_message(), one_trace(), alice) ==
          R"({"id":"42","mailbox":"11","thread":"40","from":{"name":"Bob","address":"bob@example.org"},)"
          R"("to":[{"name":"Alice","address":"alice@example.test"},{"name":"","address":"carol@example.test"}],)" +
              std::string(list_fields) +
              R"(,"cc":[{"name":"Dan","address":"dan@example.test"}],"bcc":[],)"
              R"("reply_to":[{"name":"","address":"list@example.org"}],)"
              R"("message_id":"m1@example.org","in_reply_to":"m0@example.org",)"
              R"("references":["ma@example.org","m0@example.org"],)"
              R"("headers":[{"name":"Subject","value":"Hello"},{"name":"X-A","value":""}],)"
              R"("text":"Hello\nAlice\n","html":"<p>Hello</p>","truncated":false,)"
              R"("attachments":[{"id":"1","filename":"a.png","content_type":"image/png","size":123,)"
              R"("content_id":"cid1@example.org","inline":true}],)"
              R"("envelope":{"from":"bounce@example.org","to":["alice+news@example.test"]},)"
              R"("places":[{"id":"42","mailbox":"Inbox"}],)"
              R"("events":[{"at":"2026-11-23T12:00:00Z","kind":"received","recipient":null,"detail":{"from":"192.0.2.1"}},)"
              R"({"at":"2026-11-23T12:00:00Z","kind":"delivered","recipient":"alice+news@example.test","detail":{}}]})");
}

TEST_CASE("what a message does not have is null or empty, never missing") {
    auto e = one_entry();
    e.summary = {};
    const auto o = json::parse(http::message_json(e, {}, {}, alice)).as_object();
    CHECK(json::serialize(o.at("from")) == R"({"name":"","address":""})");
    for (const auto* name : {"date", "message_id", "in_reply_to", "text", "html"}) {
        CAPTURE(name);
        CHECK(o.at(name).is_null());
    }
    for (const auto* name : {"to", "cc", "reply_to", "references", "headers", "attachments", "places", "events"}) {
        CAPTURE(name);
        CHECK(o.at(name).as_array().empty());
    }
}

TEST_CASE("an attachment without a name or an id has them null") {
    message::parsed_message m;
    m.attachments.resize(1);
    m.attachments[0].id = 3;
    m.attachments[0].content_type = "text/plain";
    const auto o = json::parse(http::message_json(one_entry(), m, {}, alice)).as_object();
    CHECK(json::serialize(o.at("attachments")) ==
          R"([{"id":"3","filename":null,"content_type":"text/plain","size":0,"content_id":null,"inline":false}])");
}

TEST_CASE("a text that was cut says so") {
    message::parsed_message m;
    m.html = message::body{"<p>", true};
    CHECK(json::parse(http::message_json(one_entry(), m, {}, alice)).at("truncated").as_bool());
}

TEST_CASE("a recipient learns nothing of the others, the sender everything") {
    auto e = one_entry();
    const auto received = http::message_json(e, {}, one_trace(), alice);
    CHECK(received.find("hidden") == std::string::npos);

    e.role = storage::mailbox_role::sent;
    const auto sent = json::parse(http::message_json(e, {}, one_trace(), alice)).as_object();
    CHECK(json::serialize(sent.at("envelope").at("to")) == R"(["alice+news@example.test","hidden@example.test"])");
    CHECK(sent.at("events").as_array().size() == 3);
    CHECK(sent.at("places").as_array().size() == 1);  // where the others keep theirs stays theirs
}

}  // namespace message_json_test
