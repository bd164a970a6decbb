#include <boost/json/serialize.hpp>

#include "api_server.hpp"
#include "message/search_terms.hpp"

namespace search_test {

using namespace postern;
using test::api_server;
using test::http_client;

namespace {

std::string letter(const std::string& subject, const std::string& text) {
    return "From: Bob <bob@example.org>\r\nTo: Alice <alice@example.test>\r\nSubject: " + subject + "\r\n\r\n" + text + "\r\n";
}

/// As the delivery's wake does it.
void index(api_server& api) {
    auto& searches = api.db->searches();
    auto next = api.require(api.db.run(searches.next_unindexed({}, 100)));
    std::vector<storage::search_document> documents;
    for (const auto& e : next.entries) {
        const auto octets = api.require(api.db.run(api.db->messages().read_content(e.message, 1 << 20)));
        documents.push_back({e.id, e.account, e.message, message::words_of(message::parse(*octets))});
    }
    api.require(api.db.run(searches.index(std::move(documents), next.progress)));
}

std::vector<std::string> subjects(const boost::json::value& list) {
    std::vector<std::string> found;
    for (const auto& m : list.at("messages").as_array()) found.push_back(test::text_of(m.at("subject")));
    return found;
}

}  // namespace

TEST_CASE("a search answers as a list does, page by page, of one's own mail alone") {
    api_server api(ON_BOTH_DATABASES);
    api.deliver(letter("One", "coffee at noon"), {api.alice, api.bob});
    api.deliver(letter("Two", "Café?"), {api.alice});
    api.deliver(letter("Three", "no coffee"), {api.alice});
    api.deliver(letter("Four", "secret coffee"), {api.bob});
    index(api);
    api.start();
    http_client client(api.at);
    const auto found = [&](const std::string& query) {
        const auto answer = client.get("/api/v1/search?" + query, api.as_alice);
        CAPTURE(query, answer.body);
        REQUIRE(answer.status == 200);
        return answer.json();
    };
    using strings = std::vector<std::string>;
    CHECK(subjects(found("q=coffee")) == strings{"Three", "One"});
    CHECK(subjects(found("q=CAFE")) == strings{"Two"});
    CHECK(subjects(found("q=%22at+noon%22")) == strings{"One"});
    CHECK(subjects(found("q=coffee%20-subject:three")) == strings{"One"});
    CHECK(subjects(found("q=from:bob+is:unread+in:inbox+after:2025-11-24")) == strings{"Three", "Two", "One"});
    CHECK(subjects(found("q=coffee+in:archive")).empty());
    CHECK(subjects(found("q=coffee+-in:inbox")).empty());
    CHECK(subjects(found("q=secret")).empty());
    CHECK(client.get("/api/v1/search?q=", api.as_alice).body == R"({"messages":[],"next_cursor":null,"total":null})");

    const auto first = found("q=from:bob&limit=2");
    CHECK(subjects(first) == strings{"Three", "Two"});
    CHECK(first.at("total").is_null());
    CHECK(boost::json::serialize(first.at("messages").at(0)) ==
          boost::json::serialize(client.get("/api/v1/inbox", api.as_alice).json().at("messages").at(0)));
    const auto second = found("q=from:bob&limit=2&cursor=" + test::text_of(first.at("next_cursor")));
    CHECK(subjects(second) == strings{"One"});
    CHECK(second.at("next_cursor").is_null());
}

TEST_CASE("what cannot be searched for is 400 and names the parameter") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "q"},
        {"q=is:new", "q"},
        {"q=before:tomorrow", "q"},
        {"q=" + std::string(2'001, 'x'), "q"},
        {"q=x&limit=0", "limit"},
        {"q=x&cursor=0", "cursor"},
        {"q=x&cursor=-1", "cursor"},
        {"q=x&cursor=abc", "cursor"},
        {"q=x&page=2", "page"},
    };
    for (const auto& [query, parameter] : cases) {
        CAPTURE(query);
        const auto answer = client.get("/api/v1/search?" + query, api.as_alice);
        test::problem_of(answer, 400);
        CHECK(test::text_of(answer.json().at("parameter")) == parameter);
    }
}

}  // namespace search_test
