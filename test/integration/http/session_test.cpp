#include "api_server.hpp"
#include "test/wait.hpp"

namespace session_test {

using namespace postern;
using test::api_server;
using test::http_client;
using namespace std::chrono_literals;

namespace {

const std::string sign_in = R"({"login":"alice@example.test","password":"secret"})";

/// What a browser keeps of signing in.
struct signed_in {
    std::string cookie;  // a field
    std::string csrf;    // a field
};

signed_in begin(http_client& client, const std::string& body = sign_in) {
    const auto answer = client.send_json("POST", "/api/v1/session", body);
    REQUIRE(answer.status == 201);
    const auto set = answer.field("Set-Cookie");
    CHECK_THAT(set, Catch::Contains("; HttpOnly; SameSite=Strict"));
    return {"Cookie: " + set.substr(0, set.find(';')) + "\r\n",
            "X-CSRF-Token: " + test::text_of(answer.json().at("csrf_token")) + "\r\n"};
}

unsigned ask(http_client& client, const std::string& fields) { return client.get("/api/v1/account", fields).status; }

}  // namespace

TEST_CASE("signing in gives a cookie that opens the account, and signing out ends it") {
    api_server api(ON_BOTH_DATABASES);
    api.start();
    http_client client(api.at);
    const auto begun = client.send_json("POST", "/api/v1/session", sign_in, "User-Agent: test\r\n");
    CHECK(begun.status == 201);
    CHECK(begun.json().at("account").at("address") == "alice@example.test");
    CHECK(begun.json().at("account").at("name") == "The alice");
    CHECK(begun.json().at("account").at("admin") == false);
    CHECK(test::text_of(begun.json().at("expires_at")) == core::to_rfc3339(api.db.clock.now() + 30 * 24h));
    CHECK_THAT(begun.field("Set-Cookie"),
               Catch::StartsWith("postern_session=ps_") && Catch::Contains("; Path=/; Max-Age=2592000; "));
    CHECK_THAT(begun.field("Set-Cookie"), !Catch::Contains("Secure"));

    const auto alice = begin(client);
    CHECK(ask(client, alice.cookie) == 200);
    const auto shown = client.get("/api/v1/session", alice.cookie);
    CHECK(shown.status == 200);
    CHECK("X-CSRF-Token: " + test::text_of(shown.json().at("csrf_token")) + "\r\n" == alice.csrf);
    problem_of(client.get("/api/v1/session", api.as_alice), 401);  // a password is no session

    problem_of(client.request("DELETE", "/api/v1/session", alice.cookie), 403);  // without the token
    CHECK(ask(client, alice.cookie) == 200);
    const auto ended = client.request("DELETE", "/api/v1/session", alice.cookie + alice.csrf);
    CHECK(ended.status == 204);
    CHECK_THAT(ended.field("Set-Cookie"), Catch::StartsWith("postern_session=; ") && Catch::Contains("Max-Age=0"));
    CHECK(ask(client, alice.cookie) == 401);
}

TEST_CASE("a change with a cookie needs the session's own token, and our own page") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    const auto alice = begin(client);
    const auto other = begin(client);
    const auto end = [&](const std::string& fields) {
        return client.request("DELETE", "/api/v1/session", alice.cookie + fields).status;
    };
    CHECK(end("") == 403);
    CHECK(end("X-CSRF-Token: \r\n") == 403);
    CHECK(end(other.csrf) == 403);
    CHECK(end(alice.csrf + "Origin: https://evil.test\r\n") == 403);
    CHECK(end(alice.csrf + "Origin: null\r\n") == 403);
    CHECK(end(alice.csrf + "Sec-Fetch-Site: cross-site\r\n") == 403);
    CHECK(end(alice.csrf + other.cookie) == 400);
    const auto both = alice.cookie.substr(0, alice.cookie.size() - 2) + "; " + other.cookie.substr(8);
    CHECK(client.request("DELETE", "/api/v1/session", alice.csrf + both).status == 401);  // nobody knows which is ours
    CHECK(end(alice.csrf + "Origin: https://mx.example.test\r\n") == 204);
    // Nobody signs a visitor of his in to an account of his own.
    CHECK(client.send_json("POST", "/api/v1/session", sign_in, "Origin: https://evil.test\r\n").status == 403);
}

TEST_CASE("a session ends when it is idle for too long, and in any case after its lifetime") {
    api_server api(ON_BOTH_DATABASES);
    api.start();
    http_client client(api.at);
    const auto advance = [&](std::chrono::microseconds by) { api.on_loop(api.advance(by)); };
    // That it was seen is written behind the answer.
    const auto wait_until_seen = [&] {
        test::wait_until([&] {
            const auto all = api.require(api.on_loop(api.parts.sessions.list(api.alice.id)));
            return all.at(0).last_seen_at >= api.db.clock.now() - 1min;
        });
    };
    const auto used = begin(client);
    for (int day = 0; day < 28; day += 4) {
        advance(4 * 24h);
        CHECK(ask(client, used.cookie) == 200);
        wait_until_seen();
    }
    const auto forgotten = begin(client);
    advance(2 * 24h);
    CHECK(ask(client, used.cookie) == 401);  // 30 days
    advance(5 * 24h - 1min);
    CHECK(ask(client, forgotten.cookie) == 200);
    wait_until_seen();
    advance(7 * 24h);
    CHECK(ask(client, forgotten.cookie) == 401);
}

TEST_CASE("signing in fails as by any other way, without a challenge that opens a window") {
    using enum account::login_failure::reason;
    api_server api(test::engine::sqlite);
    api.easy.failures = {{"slow@example.test", {throttled, 17s}}, {"lost@example.test", {unavailable, {}}}};
    api.start();
    http_client client(api.at);
    const auto attempt = [&](const std::string& login, const std::string& password) {
        return client.send_json("POST", "/api/v1/session", R"({"login":")" + login + R"(","password":")" + password + R"("})");
    };
    const auto wrong = attempt("alice@example.test", "wrong");
    problem_of(wrong, 401);
    CHECK(wrong.field("WWW-Authenticate") == R"(Bearer realm="postern")");
    CHECK(wrong.field("Set-Cookie").empty());
    const auto slow = attempt("slow@example.test", "x");
    problem_of(slow, 429);
    CHECK(slow.field("Retry-After") == "17");
    problem_of(attempt("lost@example.test", "x"), 503);
    CHECK(client.send_json("POST", "/api/v1/session", R"({"login":"a"})").json().at("member") == "password");
}

TEST_CASE("attempts to sign in are noted for their account") {
    api_server api(ON_BOTH_DATABASES);
    api.start();
    http_client client(api.at);
    client.send_json("POST", "/api/v1/session", sign_in, "User-Agent: a browser\r\n");
    client.send_json("POST", "/api/v1/session", R"({"login":"Alice@example.test","password":"no"})",
                     "User-Agent: a stranger\r\n");
    client.get("/api/v1/account", api.as_alice + "User-Agent: curl\r\n");
    client.get("/api/v1/account", "Authorization: " + test::basic("nobody@example.test", "x") + "\r\n");
    std::vector<storage::login> noted;
    while (noted.size() < 3) noted = api.require(api.on_loop(api.db->logins().list(api.alice.id)));
    std::map<std::string, std::pair<std::string, bool>> seen;
    for (const auto& l : noted) seen[l.client] = {l.method, l.ok};
    CHECK(seen["a browser"] == std::pair<std::string, bool>{"web", true});
    CHECK(seen["a stranger"] == std::pair<std::string, bool>{"web", false});
    CHECK(seen["curl"] == std::pair<std::string, bool>{"password", true});
    CHECK(noted.front().address == "127.0.0.1");
    CHECK(noted.size() == 3);
}

TEST_CASE("a token works until it is revoked, expires, or its account is disabled") {
    api_server api(ON_BOTH_DATABASES);
    const auto lasting = api.token(api.alice, {.read = true});
    const auto short_lived = api.token(api.alice, {.read = true}, api.db.clock.now() + 1h);
    const auto of_bob = api.token(api.bob, {.read = true});
    const auto listed = api.require(api.db.run(api.tokens.list(api.alice.id)));
    REQUIRE(listed.size() == 2);
    api.start();
    http_client client(api.at);
    CHECK(client.get("/api/v1/account", lasting).json().at("address") == "alice@example.test");
    CHECK(ask(client, short_lived) == 200);
    api.on_loop(api.advance(1h));
    CHECK(ask(client, short_lived) == 401);
    const auto refused = client.get("/api/v1/account", short_lived);
    CHECK(refused.field("WWW-Authenticate") == R"(Bearer realm="postern", error="invalid_token")");
    CHECK(ask(client, lasting) == 200);
    CHECK_FALSE(api.on_loop(api.tokens.remove(api.bob, listed.front().id)).has_value());  // not his
    REQUIRE(api.on_loop(api.tokens.remove(api.alice, listed.front().id)).has_value());
    CHECK(ask(client, lasting) == 401);
    CHECK(ask(client, of_bob) == 200);
    REQUIRE(api.on_loop(api.db->accounts().set_disabled(api.bob.id, true)).has_value());
    CHECK(ask(client, of_bob) == 401);
}

TEST_CASE("a token is made for scopes its account may have, with a name and a time to come") {
    api_server api(test::engine::sqlite);
    const auto make = [&](const storage::account& of, const std::string& name, storage::token_scopes scopes,
                          std::optional<core::timestamp> until = {}) {
        const auto made = api.db.run(api.tokens.add(of, name, scopes, until));
        return made ? std::error_code() : made.error().code;
    };
    CHECK(make(api.alice, "", {.read = true}) == account::errc::invalid_value);
    CHECK(make(api.alice, "a\nb", {.read = true}) == account::errc::invalid_value);
    CHECK(make(api.alice, std::string(257, 'a'), {.read = true}) == account::errc::invalid_value);
    CHECK(make(api.alice, "a", {}) == account::errc::invalid_value);
    CHECK(make(api.alice, "a", {.admin = true}) == account::errc::refused);
    CHECK(make(api.alice, "a", {.read = true}, api.db.clock.now()) == account::errc::invalid_value);
    CHECK_FALSE(make(api.alice, "a", {.read = true}));
    CHECK(make(api.alice, "a", {.read = true}) == account::errc::already_exists);
    CHECK_FALSE(make(api.root, "a", {.admin = true}));
}

}  // namespace session_test
