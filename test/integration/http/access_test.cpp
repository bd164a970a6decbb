#include <set>
#include "account/password.hpp"
#include "account/password_authenticator.hpp"
#include "account/password_hasher.hpp"

#include <fmt/ranges.h>

#include "api_server.hpp"
#include "test/wait.hpp"

namespace access_test {

using namespace postern;
using test::api_server;
using test::http_client;

namespace {

constexpr const char* challenge = "Basic realm=\"postern\", charset=\"UTF-8\"";

/// A path that fits the pattern: with ids of nothing, or, for `of`, of what belongs to that account.
std::string path_of(std::string_view pattern, const std::map<std::string, std::string>& ids = {}) {
    std::string path(pattern);
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
        const auto close = path.find('}');
        const auto known = ids.find(path.substr(0, close + 1));
        path.replace(open, close - open + 1, known == ids.end() ? "999" : known->second);
    }
    return path;
}

std::string method_of(const http::route& r) { return std::string(boost::beast::http::to_string(r.method)); }

/// Asks for a route in the form it wants, with a body where it takes one, over a connection of its own: who is refused before
/// their body was read finds it closed.
test::http_answer ask(const api_server& api, const http::route& r, const std::string& path, const std::string& credentials) {
    http_client client(api.at);
    if (r.pattern == "/api/v1/events") {
        client.send("GET " + path + " HTTP/1.1\r\nHost: mx.example.test\r\n" + credentials + "\r\n");
        return client.read_beginning().value();
    }
    if (r.body == http::body_kind::none) return client.request(method_of(r), path, credentials);
    const bool names = r.pattern == "/api/v1/mailboxes/{id}";
    return client.send_json(method_of(r), path, names ? R"({"name":"x"})" : "{}", credentials);
}

bool is_refusal(const test::http_answer& a) { return a.status == 401 || a.status == 403; }

/// What a token needs for it; nullopt: no token will do.
std::optional<storage::token_scopes> needed(http::access a) {
    using enum http::access;
    switch (a) {
        case anyone: return storage::token_scopes{};
        case read: return storage::token_scopes{.read = true};
        case send: return storage::token_scopes{.send = true};
        case change: return storage::token_scopes{.read = true, .send = true};
        case admin: return storage::token_scopes{.admin = true};
        case account: break;
    }
    return std::nullopt;
}

bool covers(const storage::token_scopes& has, const storage::token_scopes& wants) {
    return (has.read || !wants.read) && (has.send || !wants.send) && (has.admin || !wants.admin);
}

}  // namespace

TEST_CASE("every route asks who it is, but those that tell nothing of anybody") {
    api_server api(test::engine::sqlite);
    api.start();
    const auto wrong = "Authorization: " + test::basic("alice@example.test", "wrong") + "\r\n";
    for (const auto& r : http::api_routes()) {
        const auto path = path_of(r.pattern);
        CAPTURE(method_of(r), path);
        for (const auto& credentials :
             {std::string(), wrong, std::string("Authorization: Bearer x\r\n"), std::string("Authorization: Digest x\r\n"),
              "Cookie: postern_session=ps_aaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" + std::string()}) {
            const auto answer = ask(api, r, path, credentials);
            if (r.needs == http::access::anyone) {
                CHECK_FALSE(is_refusal(answer));
                continue;
            }
            problem_of(answer, 401);
            CHECK_FALSE(answer.field("WWW-Authenticate").empty());
            if (!credentials.contains("Bearer")) CHECK(answer.field("WWW-Authenticate") == challenge);
        }
        // Browsers put up a window of theirs when they see the Basic scheme.
        const auto page = ask(api, r, path, "X-Requested-With: postern\r\n");
        if (r.needs != http::access::anyone) CHECK(page.field("WWW-Authenticate") == R"(Bearer realm="postern")");
    }
}

TEST_CASE("a token opens the routes its scopes name, and no others") {
    api_server api(test::engine::sqlite);
    struct issued {
        storage::token_scopes scopes;
        bool admin = false;  // the account
        std::string field;
    };
    std::vector<issued> all;
    for (const bool read : {false, true}) {
        for (const bool send : {false, true}) {
            if (read || send) all.push_back({{read, send, false}, false, api.token(api.alice, {read, send, false})});
            all.push_back({{read, send, true}, true, api.token(api.root, {read, send, true})});
        }
    }
    api.start();
    for (const auto& r : http::api_routes()) {
        const auto path = path_of(r.pattern);
        const auto wanted = needed(r.needs);
        for (const auto& t : all) {
            CAPTURE(method_of(r), path, t.scopes.read, t.scopes.send, t.scopes.admin);
            const auto answer = ask(api, r, path, t.field);
            if (r.needs == http::access::anyone && r.body != http::body_kind::none) continue;  // credentials are in its body
            const bool may = wanted && covers(t.scopes, *wanted);
            CHECK(is_refusal(answer) != may);
            if (!may) problem_of(answer, 403);
        }
    }
}

TEST_CASE("what is for administrators opens to them, and to nobody else") {
    api_server api(test::engine::sqlite);
    api.start();
    for (const auto& r : http::api_routes()) {
        if (r.needs == http::access::anyone || r.pattern == "/api/v1/session") continue;  // sessions: session_test.cpp
        CAPTURE(method_of(r), r.pattern);
        CHECK_FALSE(is_refusal(ask(api, r, path_of(r.pattern), api.as_root)));
        CHECK(is_refusal(ask(api, r, path_of(r.pattern), api.as_bob)) == (r.needs == http::access::admin));
    }
}

TEST_CASE("what belongs to another account is not there") {
    api_server api(ON_BOTH_DATABASES);
    const auto id = core::to_string(api.deliver("Subject: private\r\n\r\nx\r\n", {api.alice}));
    const auto entry = api.require(api.db.run(api.db->messages().find_entry(api.alice.id, std::stoll(id)))).id;
    const auto inbox = core::to_string(api.mailbox(api.alice, storage::mailbox_role::inbox).id);
    // What stands for each first parameter. A route with another one must be added here, or belong to administrators.
    const auto password = api.require(api.db.run(api.parts.app_passwords.add("alice@example.test", "phone"))).stored.id;
    static_cast<void>(api.token(api.alice, {.read = true}));
    const auto token = api.require(api.db.run(api.tokens.list(api.alice.id))).at(0).id;
    const auto session = api.require(api.db.run(api.parts.sessions.begin(api.alice, "127.0.0.1", ""))).opened.session.id;
    const std::map<std::string, std::string> ids{{"/api/v1/mailboxes/{id}", inbox},
                                                 {"/api/v1/messages/{id}", core::to_string(entry)},
                                                 {"/api/v1/drafts/{id}", core::to_string(entry)},
                                                 {"/api/v1/threads/{id}", core::to_string(entry)},
                                                 {"/api/v1/account/app-passwords/{id}", core::to_string(password)},
                                                 {"/api/v1/account/tokens/{id}", core::to_string(token)},
                                                 {"/api/v1/account/sessions/{id}", core::to_string(session)}};
    api.start();
    for (const auto& r : http::api_routes()) {
        if (r.needs == http::access::anyone || r.needs == http::access::admin || !r.pattern.contains('{')) continue;
        CAPTURE(method_of(r), r.pattern);
        REQUIRE(ids.contains(std::string(r.pattern.substr(0, r.pattern.find('}') + 1))));
        const auto path = path_of(r.pattern, ids);
        problem_of(ask(api, r, path, api.as_bob), 404);
        problem_of(ask(api, r, path, api.as_root), 404);
    }
}

TEST_CASE("every route answers HEAD as GET without the body, OPTIONS with its methods, and no method it does not take") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    std::map<std::string_view, std::set<std::string>> methods;
    for (const auto& r : http::api_routes()) methods[r.pattern].insert(method_of(r));
    // The account shows its sign-ins, and the first is noted only behind its answer.
    test::wait_until([&] { return !client.get("/api/v1/account", api.as_alice).body.contains(R"("last_logins":[])"); });
    for (auto& [pattern, taken] : methods) {
        const auto path = path_of(pattern);
        CAPTURE(path);
        if (taken.contains("GET")) taken.insert("HEAD");
        if (taken.contains("GET") && pattern != "/api/v1/events") {  // whose answer has no end
            const auto get = client.get(path, api.as_alice);
            const auto head = client.request("HEAD", path, api.as_alice);
            CHECK(head.status == get.status);
            if (pattern != "/metrics")
                CHECK(head.field("Content-Length") == std::to_string(get.body.size()));  // it counts itself
            CHECK(head.field("Content-Type") == get.field("Content-Type"));
        }
        taken.insert("OPTIONS");
        const auto allow = fmt::format("{}", fmt::join(taken, ", "));
        const auto options = client.request("OPTIONS", path);
        CHECK(options.status == 204);
        CHECK(options.field("Allow") == allow);
        for (const auto* method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
            if (taken.contains(method)) continue;
            const auto answer = client.request(method, path, api.as_alice);
            problem_of(answer, 405);
            CHECK(answer.field("Allow") == allow);
        }
        problem_of(client.request("BREW", path, api.as_alice), 501);
    }
}

TEST_CASE("a route takes the body it says, and nothing else") {
    api_server api(test::engine::sqlite);
    api.start();
    for (const auto& r : http::api_routes()) {
        if (r.body == http::body_kind::none || r.pattern == "/api/v1/session") continue;
        const auto path = path_of(r.pattern);
        CAPTURE(method_of(r), path);
        const auto with = [&](const std::string& fields, std::string_view body) {
            http_client fresh(api.at);
            return fresh.request_with(method_of(r), path, api.as_root + fields, body);
        };
        const auto json = std::string("Content-Type: application/json\r\n");
        if (r.body == http::body_kind::xml) {
            problem_of(with(json, "{}"), 415);
            problem_of(with("Content-Type: text/xml\r\n", "<"), 400);
            continue;
        }
        problem_of(with(json, "{"), 400);
        problem_of(with(json, "[]"), 400);
        problem_of(with(json, ""), 400);
    }
    const std::string json = "Content-Type: application/json\r\n";
    const auto begin = [&](const std::string& fields, std::string_view body) {
        http_client fresh(api.at);
        return fresh.request_with("POST", "/api/v1/session", fields, body);
    };
    problem_of(begin("", "{}"), 415);
    problem_of(begin("Content-Type: text/plain\r\n", "{}"), 415);
    problem_of(begin("Content-Type: multipart/form-data; boundary=x\r\n", "{}"), 415);
    problem_of(begin(json + "Content-Encoding: gzip\r\n", "{}"), 415);
    problem_of(begin(json, std::string((1 << 20) + 1, ' ')), 413);
    problem_of(begin(json, std::string(100, '[') + std::string(100, ']')), 400);
    CHECK(begin(json, R"({"login":1,"password":"x"})").json().at("member") == "login");
    problem_of(begin(json, R"({"login":"a","password":"x","extra":1})"), 422);
}

TEST_CASE("the reason an account may not sign in decides the answer, and tells no secret") {
    using enum account::login_failure::reason;
    api_server api(test::engine::sqlite);
    api.easy.failures = {{"disabled@example.test", {disabled, {}}},
                         {"throttled@example.test", {throttled, std::chrono::seconds(17)}},
                         {"lost@example.test", {unavailable, {}}}};
    api.start();
    http_client client(api.at);
    const auto ask = [&](const char* login) {
        return client.get("/api/v1/inbox", "Authorization: " + test::basic(login, "secret") + "\r\n");
    };
    const auto nobody = ask("nobody@example.test");
    const auto gone = ask("disabled@example.test");
    CHECK(problem_of(nobody, 401) == problem_of(gone, 401));
    CHECK(gone.field("WWW-Authenticate") == challenge);
    const auto throttled_answer = ask("throttled@example.test");
    problem_of(throttled_answer, 429);
    CHECK(throttled_answer.field("Retry-After") == "17");
    CHECK(throttled_answer.field("WWW-Authenticate").empty());
    const auto lost = ask("lost@example.test");
    problem_of(lost, 503);
    CHECK(lost.field("Retry-After") == "5");
    problem_of(client.get("/api/v1/inbox", api.as_alice + api.as_bob), 400);
}

TEST_CASE("the account's real password opens it, in UTF-8, and no other does") {
    const auto on = ON_BOTH_DATABASES;
    test::fresh_database place(on);
    test::open_database db(place);
    account::password_hasher hasher(1);
    core::system_random random;
    account::password_authenticator authenticator(db->accounts(), db->app_passwords(), hasher, random, db.clock, {});
    REQUIRE(db.run(db->accounts().add_domain("example.test", db.clock.now())));
    storage::new_account made;
    made.address = {"alice", "example.test"};
    made.password_hash = account::hash_password(account::secret(std::string_view("pass:w\xC3\xB6rd")));
    made.created_at = db.clock.now();
    REQUIRE(db.run(db->accounts().add_account(made)));
    test::http_parts parts(db);
    http::server server(db.executor(), parts.services(authenticator), http::api_routes(), {}, {});
    REQUIRE(server.listen({{"127.0.0.1", 0}}));
    server.start();
    {
        std::jthread loop([&] { db.loop.run(); });
        http_client client(server.endpoints().front());
        const auto ask = [&](const char* login, const char* password) {
            return client.get("/api/v1/account", "Authorization: " + test::basic(login, password) + "\r\n").status;
        };
        CHECK(ask("alice@example.test", "pass:w\xC3\xB6rd") == 200);
        CHECK(ask("Alice@EXAMPLE.test", "pass:w\xC3\xB6rd") == 200);
        CHECK(ask("alice@example.test", "pass") == 401);
        CHECK(boost::asio::co_spawn(db.loop, server.stop(std::chrono::seconds(10)), boost::asio::use_future).get());
        db.loop.stop();
    }
}

}  // namespace access_test
