#include "http/response.hpp"

#include "test/catch.hpp"

namespace response_test {

using namespace postern;
using namespace std::chrono;

namespace {

const core::timestamp when = sys_days{year{2026} / November / 3} + hours{5} + minutes{7} + seconds{9};

}  // namespace

TEST_CASE("a head has the status, what every answer has, and the answer's own fields") {
    http::response r{http::status::ok, "application/json", {{"X-Own", "1"}}, "{}"};
    CHECK(head_of(r, {}, when) ==
          "HTTP/1.1 200 OK\r\n"
          "Date: Tue, 03 Nov 2026 05:07:09 GMT\r\n"
          "Server: postern\r\n"
          "Content-Type: application/json\r\n"
          "Content-Length: 2\r\n"
          "X-Own: 1\r\n"
          "Cache-Control: no-store\r\n"
          "X-Content-Type-Options: nosniff\r\n"
          "Connection: keep-alive\r\n"
          "\r\n");
    CHECK(head_of(r, {.keep_alive = false}, when).find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("an answer without content announces no length") {
    const auto head = http::head_of({http::status::no_content, {}, {{"Allow", "GET"}}}, {}, when);
    CHECK(head.find("Content-Length") == std::string::npos);
    CHECK(head.find("Allow: GET\r\n") != std::string::npos);
}

TEST_CASE("the date is an IMF-fixdate with two digits for every day") {
    const auto head = head_of(http::json_response("{}"), {}, sys_days{year{2026} / November / 23});
    CHECK(head.find("Date: Mon, 23 Nov 2026 00:00:00 GMT\r\n") != std::string::npos);
}

TEST_CASE("a problem becomes application/problem+json with its fields") {
    const auto r = http::to_response(http::try_later("Later."));
    CHECK(r.code == http::status::service_unavailable);
    CHECK(r.content_type == "application/problem+json");
    REQUIRE(r.fields.size() == 1);
    CHECK(r.fields[0] == http::header_field{"Retry-After", "5"});
    CHECK(std::get<std::string>(r.body) == to_json(http::try_later("Later.")));
}

}  // namespace response_test
