// Clients behind proxies that say who they are, over real sockets.
#include "api_server.hpp"

namespace proxy_test {

using namespace postern;
using test::api_server;
using test::http_client;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> loopback{"127.0.0.0/8"};

/// Who the server takes the client for.
net::awaitable<http::outcome<http::response>> show_origin(http::request_context& c) {
    co_return http::json_response("\"" + c.from.address.to_string() + (c.from.secure ? " secure\"" : "\""));
}

std::vector<http::route> routes() {
    auto all = http::api_routes();
    all.push_back({http::verb::get, "/origin", http::access::anyone, {}, show_origin});
    return all;
}

std::string origin(http_client& client, std::string_view fields = {}) { return client.request("GET", "/origin", fields).body; }

}  // namespace

TEST_CASE("a PROXY header says for whom a connection is, and only a listed proxy may send one") {
    api_server api(test::engine::sqlite, {}, routes());
    api.server.change({.proxies = net::network_list(loopback)});
    api.start();
    http_client proxied(api.at);
    proxied.send("PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n");
    CHECK(origin(proxied) == "\"2001:db8::7\"");
    CHECK(origin(proxied, "X-Forwarded-For: 203.0.113.9\r\n") == "\"2001:db8::7\"");  // he is no proxy of ours
    http_client without(api.at);
    without.send("GET /origin HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_FALSE(without.read().has_value());
}

TEST_CASE("X-Forwarded-For is believed from listed proxies, which nobody limits by address") {
    config::limit_settings limits;
    limits.http_connections_per_address = 1;
    api_server api(test::engine::sqlite, limits, routes());
    SECTION("not listed") {
        api.start();
        http_client client(api.at);
        CHECK(origin(client, "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n") == "\"127.0.0.1\"");
        http_client another(api.at);
        CHECK(another.read()->status == 503);
    }
    SECTION("listed") {
        api.server.change({.limits = limits, .forwarded_from = net::network_list(loopback)});
        api.start();
        http_client client(api.at);
        http_client another(api.at);
        CHECK(origin(client, "X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n") == "\"203.0.113.9\"");
        CHECK(origin(another, "X-Forwarded-For: 203.0.113.10\r\nX-Forwarded-Proto: https\r\n") == "\"203.0.113.10 secure\"");
        CHECK(origin(another) == "\"127.0.0.1\"");  // its own health check
        const auto signed_in =
            another.send_json("POST", "/api/v1/session", R"({"login":"alice@example.test","password":"secret"})",
                              "Origin: https://mx.example.test\r\nX-Forwarded-Proto: https\r\n");
        CHECK_THAT(signed_in.field("Set-Cookie"), Catch::Contains("; Secure"));
    }
}

TEST_CASE("a connection made just before a stop is still answered, once") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client fresh(api.at);
    http_client silent(api.at);
    api.wait_for_connections(2);
    auto stopped = boost::asio::co_spawn(api.db.loop, api.server.stop(30s), boost::asio::use_future);
    while (true) {  // until nobody listens any more: then the stop has begun
        try {
            const auto status = http_client(api.at).request("GET", "/origin").status;  // CHECK would keep what it throws
            CHECK(status == 200);
        } catch (const boost::system::system_error&) {
            break;
        }
    }
    const auto answer = fresh.request("GET", "/origin");
    CHECK(answer.status == 200);
    CHECK_FALSE(answer.keep_alive);
    CHECK(silent.at_end());  // after a moment
    fresh.half_close();
    CHECK(stopped.get());
}

}  // namespace proxy_test
