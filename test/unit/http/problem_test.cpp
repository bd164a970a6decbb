#include "http/problem.hpp"

#include "storage/errc.hpp"
#include "test/catch.hpp"

namespace problem_test {

using namespace postern;
using http::status;

TEST_CASE("a problem is told as RFC 7807 wants") {
    CHECK(to_json(http::problem{status::not_found, "There is nothing at this path.", {}}) ==
          R"({"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this path."})");
    CHECK(to_json(http::problem{status::bad_request, "No \"x\".", "x"}) ==
          R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"No \"x\".","parameter":"x"})");
}

TEST_CASE("storage's failures are told apart, without its words") {
    using enum storage::errc;
    const auto [code, expected] = GENERATE(table<storage::errc, status>({
        {not_found, status::not_found},
        {unavailable, status::service_unavailable},
        {failed, status::internal_server_error},
        {outcome_unknown, status::internal_server_error},
    }));
    const auto p = http::from_storage({make_error_code(code), "relation \"message\" is on fire"});
    CHECK(p.code == expected);
    CHECK(p.detail.find("fire") == std::string::npos);
    CHECK(p.fields.empty() == (expected != status::service_unavailable));
}

TEST_CASE("who is told to come later is told when") {
    const auto p = http::try_later("Later.");
    CHECK(p.code == status::service_unavailable);
    REQUIRE(p.fields.size() == 1);
    CHECK(p.fields[0] == http::header_field{"Retry-After", "5"});
}

}  // namespace problem_test
