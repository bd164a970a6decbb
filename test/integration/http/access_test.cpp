#include "account/password.hpp"
#include "account/password_authenticator.hpp"
#include "account/password_hasher.hpp"
#include "api_server.hpp"

using namespace postern;
using test::api_server;
using test::http_client;

namespace {

constexpr const char* challenge = "Basic realm=\"postern\", charset=\"UTF-8\"";

/// A path that fits the pattern, with ids of nothing.
std::string path_of(std::string_view pattern) {
    std::string path(pattern);
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
        path.replace(open, path.find('}') - open + 1, "999");
    }
    return path;
}

}  // namespace

TEST_CASE("every route asks who it is, but those that tell nothing of anybody") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    const auto wrong = "Authorization: " + test::basic("alice@example.test", "wrong") + "\r\n";
    for (const auto& r : http::api_routes()) {
        const auto path = path_of(r.pattern);
        CAPTURE(path);
        for (const auto& credentials : {std::string(), wrong, std::string("Authorization: Bearer x\r\n")}) {
            for (const auto* method : {"GET", "HEAD"}) {
                const auto answer = client.request(method, path, credentials);
                if (r.needs == http::access::anyone) {
                    CHECK(answer.status == 200);
                    continue;
                }
                CHECK(answer.status == 401);
                CHECK(answer.field("WWW-Authenticate") == challenge);
                if (method == std::string("GET")) problem_of(answer, 401);
            }
        }
        CHECK(client.get(path, api.as_alice).status == (path.find("999") == std::string::npos ? 200 : 404));
    }
}

TEST_CASE("every route answers HEAD as GET without the body, and nothing else") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    for (const auto& r : http::api_routes()) {
        const auto path = path_of(r.pattern);
        CAPTURE(path);
        const auto get = client.get(path, api.as_alice);
        const auto head = client.request("HEAD", path, api.as_alice);
        CHECK(head.status == get.status);
        CHECK(head.field("Content-Length") == std::to_string(get.body.size()));
        CHECK(head.field("Content-Type") == get.field("Content-Type"));
        for (const auto* method : {"POST", "PUT", "DELETE", "PATCH"}) {
            const auto answer = client.request(method, path, api.as_alice);
            problem_of(answer, 405);
            CHECK(answer.field("Allow") == "GET, HEAD, OPTIONS");
        }
        const auto options = client.request("OPTIONS", path);
        CHECK(options.status == 204);
        CHECK(options.field("Allow") == "GET, HEAD, OPTIONS");
        problem_of(client.request("BREW", path, api.as_alice), 501);
    }
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
    net::blocking_pool workers(1);
    REQUIRE(db.run(db->accounts().add_domain("example.test", db.clock.now())));
    storage::new_account made;
    made.address = {"alice", "example.test"};
    made.password_hash = account::hash_password(account::secret(std::string_view("pass:w\xC3\xB6rd")));
    made.created_at = db.clock.now();
    REQUIRE(db.run(db->accounts().add_account(made)));
    http::server server(db.executor(), {*db, authenticator, workers, db.clock, 1 << 20}, http::api_routes(), {}, {});
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
