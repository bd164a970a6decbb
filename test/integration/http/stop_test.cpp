#include <semaphore>

#include "api_server.hpp"

namespace stop_test {

using namespace postern;
using test::api_server;
using test::http_client;
using namespace std::chrono_literals;

namespace {

std::counting_semaphore<> entered(0);
std::counting_semaphore<> may_leave(0);

net::awaitable<http::outcome<http::response>> waiting(http::request_context& c) {
    co_await c.server.workers.run([] {
        entered.release();
        may_leave.acquire();
    });
    co_return http::json_response("{}");
}

std::vector<http::route> routes() {
    auto all = http::api_routes();
    all.push_back({http::verb::get, "/waiting", http::access::anyone, {}, waiting});
    return all;
}

}  // namespace

TEST_CASE("a stop closes idle connections at once and lets a request in work be answered") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client idle(api.at);
    http_client used(api.at);
    http_client busy(api.at);
    used.get("/healthz");
    busy.send("GET /waiting HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    entered.acquire();
    api.wait_for_connections(3);
    auto stopped = boost::asio::co_spawn(api.db.loop, api.server.stop(30s), boost::asio::use_future);
    CHECK(idle.at_end());
    CHECK(used.at_end());
    CHECK(stopped.wait_for(0s) == std::future_status::timeout);
    CHECK_THROWS(http_client(api.at).get("/healthz"));  // nobody listens
    may_leave.release();
    const auto answer = busy.read();
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK_FALSE(answer->keep_alive);
    CHECK(busy.at_end());  // the request behind it was not begun, and may be sent to another
    busy.half_close();
    CHECK(stopped.get());
}

TEST_CASE("a stop does not wait for ever") {
    config::limit_settings limits;
    limits.http_request_timeout = 600s;
    api_server api(test::engine::sqlite, limits, routes());
    api.start();
    http_client slow(api.at);
    slow.send("GET /healthz HTTP/1.1\r\nHo");
    api.wait_for_connections(1);
    api.on_loop(api.server.stop(1s));
    CHECK(slow.at_end());
}

}  // namespace stop_test
