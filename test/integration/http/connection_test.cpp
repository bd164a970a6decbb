#include "api_server.hpp"

namespace connection_test {

using namespace postern;
using test::api_server;
using test::http_client;
using namespace std::chrono_literals;

namespace {

const std::string health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

/// Octets without end, as far as a test is concerned.
class endless_body final : public http::body_source {
public:
    [[nodiscard]] std::uint64_t size() const override { return 1ULL << 40U; }
    net::awaitable<std::string> next() override { co_return std::string(http::body_piece, 'x'); }
};

/// Promises more than it has.
class broken_body final : public http::body_source {
public:
    explicit broken_body(bool throws) : throws_(throws) {}
    [[nodiscard]] std::uint64_t size() const override { return 100; }
    net::awaitable<std::string> next() override {
        if (std::exchange(begun_, true)) {
            if (throws_) throw std::runtime_error("the disk is gone");
            co_return std::string();
        }
        co_return std::string(10, 'x');
    }

private:
    bool throws_;
    bool begun_ = false;
};

http::response with_body(std::shared_ptr<http::body_source> body) {
    return {http::status::ok, "application/octet-stream", {}, std::move(body)};
}

net::awaitable<http::outcome<http::response>> endless(http::request_context& /*c*/) {
    co_return with_body(std::make_shared<endless_body>());
}
net::awaitable<http::outcome<http::response>> short_body(http::request_context& /*c*/) {
    co_return with_body(std::make_shared<broken_body>(false));
}
net::awaitable<http::outcome<http::response>> failing_body(http::request_context& /*c*/) {
    co_return with_body(std::make_shared<broken_body>(true));
}
net::awaitable<http::outcome<http::response>> thrower(http::request_context& /*c*/) {
    throw std::logic_error("a bug, with private details");
    co_return http::json_response("{}");
}

std::vector<http::route> odd_routes() {
    auto routes = http::api_routes();
    routes.push_back({http::verb::get, "/endless", http::access::anyone, {}, endless});
    routes.push_back({http::verb::get, "/short", http::access::anyone, {}, short_body});
    routes.push_back({http::verb::get, "/failing", http::access::anyone, {}, failing_body});
    routes.push_back({http::verb::get, "/throw", http::access::anyone, {}, thrower});
    return routes;
}

config::limit_settings short_limits() {
    config::limit_settings limits;
    limits.http_idle_timeout = 1s;
    limits.http_request_timeout = 1s;
    return limits;
}

}  // namespace

TEST_CASE("a connection serves request after request until one of the two ends it") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.get("/healthz");
        CHECK(answer.status == 200);
        CHECK(answer.body == R"({"status":"ok"})");
        CHECK(answer.keep_alive);
    }
    CHECK_FALSE(client.get("/healthz", "Connection: close\r\n").keep_alive);
    CHECK(client.at_end());

    http_client old(api.at);
    old.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(old.read()->keep_alive);
    old.send("GET /healthz HTTP/1.0\r\n\r\n");
    CHECK_FALSE(old.read()->keep_alive);
    CHECK(old.at_end());
}

TEST_CASE("pipelined requests are answered each, in their order") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    std::string batch;
    for (int i = 0; i < 200; ++i) {
        batch += health;
        batch += "HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
        batch.resize(batch.size() - std::string_view("Content-Length: 2\r\n\r\n").size());
        batch += "\r\nGET /api/v1/account HTTP/1.1\r\nHost: a\r\n" + api.as_alice + "\r\n";
    }
    client.send(batch);
    for (int i = 0; i < 200; ++i) {
        CAPTURE(i);
        CHECK(client.read()->status == 200);
        CHECK(client.read(true)->status == 200);
        CHECK(client.read()->status == 404);
        CHECK(client.read()->json().at("address") == "alice@example.test");
    }
}

TEST_CASE("a client that closes its half still gets every answer") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    client.send(health + health + "GET /healthz HTTP/1.1\r\nHo");
    client.half_close();
    CHECK(client.read()->status == 200);
    CHECK(client.read()->status == 200);
    CHECK(client.at_end());
}

TEST_CASE("what cannot be a request is answered once, and the connection ends") {
    const auto [octets, status] = GENERATE(table<std::string, unsigned>({
        {"nonsense\r\n\r\n", 400},
        {"GET / HTTP/1.1\n\n", 400},
        {"GET /a/../b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400},
        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
        {"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + health, 400},
        {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n", 414},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + std::string(100'000, 'x'), 413},
        {"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + std::string(100'000, 'x'), 405},
        {"GET /api/v1/inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", 401},  // nobody waits
    }));
    CAPTURE(status);
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    client.send(octets);
    const auto answer = client.read();
    REQUIRE(answer.has_value());
    problem_of(*answer, status);
    CHECK_FALSE(answer->keep_alive);
    client.half_close();
    CHECK(client.at_end());
}

TEST_CASE("a body nobody asked for is read past, within its limit") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + health);
    CHECK(client.read()->status == 200);
    CHECK(client.read()->status == 200);
    client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + health);
    CHECK(client.read()->status == 200);
    CHECK(client.read()->status == 200);
}

TEST_CASE("a client that waits for 100 hears it, and then its answer") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read()->status == 100);
    client.send("hello");
    CHECK(client.read()->status == 200);
}

TEST_CASE("silence between requests ends the connection without a word") {
    api_server api(test::engine::sqlite, short_limits());
    api.start();
    http_client silent(api.at);
    http_client used(api.at);
    used.get("/healthz");
    CHECK(silent.at_end());
    CHECK(used.at_end());
}

TEST_CASE("a request that drips is given up with 408") {
    const auto* begun =
        GENERATE("GET", "GET / HTTP/1.1\r\nHost: a\r\nX", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe",
                 "GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
    api_server api(test::engine::sqlite, short_limits());
    api.start();
    http_client client(api.at);
    client.send(begun);
    const auto answer = client.read();
    REQUIRE(answer.has_value());
    problem_of(*answer, 408);
    CHECK_FALSE(answer->keep_alive);
}

TEST_CASE("a client that does not read its answer is given up") {
    api_server api(test::engine::sqlite, short_limits(), odd_routes());
    api.start();
    http_client client(api.at);
    client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    client.wait_for_octets();
    api.wait_for_connections(0);
    CHECK(client.drain().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("a body that fails half-way breaks the connection, so that nobody takes it for whole") {
    const auto* target = GENERATE("/short", "/failing");
    api_server api(test::engine::sqlite, {}, odd_routes());
    api.start();
    http_client client(api.at);
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n" + health);
    const auto all = client.drain();
    CHECK_THAT(all, Catch::Contains("Content-Length: 100\r\n"));
    CHECK(all.ends_with("\r\n\r\nxxxxxxxxxx"));
}

TEST_CASE("a handler that throws costs its request a 500 and nobody anything else") {
    api_server api(test::engine::sqlite, {}, odd_routes());
    api.start();
    http_client client(api.at);
    CHECK(problem_of(client.get("/throw"), 500).find("private") == std::string::npos);
    CHECK(client.get("/healthz").status == 200);
}

TEST_CASE("a connection over the limit is told to come later") {
    config::limit_settings limits;
    limits.http_connections_per_address = 2;
    api_server api(test::engine::sqlite, limits);
    api.start();
    http_client first(api.at);
    http_client second(api.at);
    CHECK(first.get("/healthz").status == 200);
    CHECK(second.get("/healthz").status == 200);
    http_client third(api.at);
    const auto answer = third.read();
    REQUIRE(answer.has_value());
    problem_of(*answer, 503);
    CHECK(answer->field("Retry-After") == "5");
    CHECK(third.at_end());
    first.get("/healthz", "Connection: close\r\n");
    first.half_close();
    api.wait_for_connections(1);
    http_client fourth(api.at);
    CHECK(fourth.get("/healthz").status == 200);
}

}  // namespace connection_test
