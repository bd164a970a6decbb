#include "api_server.hpp"
#include "test/wait.hpp"

namespace outage_test {

using namespace postern;
using test::api_server;
using test::http_client;

TEST_CASE("with a database both probes are content") {
    api_server api(ON_BOTH_DATABASES);
    api.start();
    http_client client(api.at);
    for (const auto* probe : {"/healthz", "/readyz"}) {
        const auto answer = client.get(probe);
        CHECK(answer.status == 200);
        CHECK(answer.field("Content-Type") == "application/json");
        CHECK(answer.body == R"({"status":"ok"})");
    }
}

TEST_CASE("while the database is away the process lives, is not ready, and says when to come back") {
    api_server api(test::engine::postgresql);
    api.start();
    http_client client(api.at);
    REQUIRE(client.get("/api/v1/inbox", api.as_alice).status == 200);
    api.place.allow_connections(false);
    api.place.drop_sessions();
    CHECK(client.get("/healthz").status == 200);
    for (const auto* target : {"/readyz", "/api/v1/inbox", "/api/v1/account"}) {
        const auto answer = client.get(target, api.as_alice);
        problem_of(answer, 503);
        CHECK(answer.field("Retry-After") == "5");
        CHECK(answer.keep_alive);
    }
    api.place.allow_connections(true);
    test::wait_until([&] { return client.get("/readyz").status == 200; });
    CHECK(client.get("/api/v1/inbox", api.as_alice).status == 200);
}

}  // namespace outage_test
