#include "http/router.hpp"

#include <set>
#include <string>

#include "http/handlers.hpp"
#include "http/target.hpp"
#include "test/catch.hpp"

namespace router_test {

using namespace postern::http;

namespace {

router small() {
    return router({
        {verb::put, "/", access::anyone},
        {verb::get, "/a", access::anyone},
        {verb::get, "/a/{id}", access::account},
        {verb::patch, "/a/{id}", access::account},
        {verb::get, "/a/{id}/b/{n}", access::account},
        {verb::post, "/c", access::account},
        {verb::get, "/f/{path*}", access::anyone},
    });
}

std::vector<std::string> path(std::string_view text) { return parse_target(text)->path; }

}  // namespace

TEST_CASE("a route is found by method and path, with the pattern's parameters") {
    const auto r = small();
    const auto [method, text, pattern, parameters] = GENERATE(table<verb, std::string, std::string, path_parameters>({
        {verb::put, "/", "/", {}},
        {verb::get, "/a", "/a", {}},
        {verb::head, "/a", "/a", {}},  // RFC 9110 9.3.2
        {verb::get, "/a/7", "/a/{id}", {{"id", "7"}}},
        {verb::patch, "/a/7", "/a/{id}", {{"id", "7"}}},
        {verb::get, "/f/x", "/f/{path*}", {{"path", "x"}}},
        {verb::get, "/f/css/x.css", "/f/{path*}", {{"path", "css/x.css"}}},
        {verb::get, "/a/x%2Fy/b/2", "/a/{id}/b/{n}", {{"id", "x/y"}, {"n", "2"}}},
    }));
    CAPTURE(text);
    const auto found = r.find(method, path(text));
    REQUIRE(found.has_value());
    CHECK(found->found->pattern == pattern);
    CHECK(found->parameters == parameters);
}

TEST_CASE("a path no pattern fits is 404") {
    const auto r = small();
    const auto* text =
        GENERATE("//", "/b", "/A", "/a/", "/a//b/1", "/a/7/b", "/a/7/b/1/", "/a%2F7", "//a", "/a/7/c/1", "/f", "/f/");
    CAPTURE(text);
    const auto found = r.find(verb::get, path(text));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == status::not_found);
    CHECK(found.error().fields.empty());
}

TEST_CASE("a method a path does not take is 405 with those it takes") {
    const auto r = small();
    const auto [method, text, allow] = GENERATE(table<verb, std::string, std::string>({
        {verb::post, "/a", "GET, HEAD, OPTIONS"},
        {verb::delete_, "/a/7", "GET, HEAD, OPTIONS, PATCH"},
        {verb::get, "/c", "OPTIONS, POST"},
        {verb::head, "/c", "OPTIONS, POST"},
    }));
    CAPTURE(text);
    const auto found = r.find(method, path(text));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == status::method_not_allowed);
    REQUIRE(found.error().fields.size() == 1);
    CHECK(found.error().fields[0] == header_field{"Allow", allow});
}

TEST_CASE("OPTIONS is answered for every path there is, to anybody") {
    const auto r = small();
    const auto found = r.find(verb::options, path("/a/7"));
    REQUIRE(found.has_value());
    CHECK(found->found->needs == access::anyone);
    CHECK(found->allow == "GET, HEAD, OPTIONS, PATCH");
    CHECK(r.find(verb::options, path("/nothing")).error().code == status::not_found);
}

TEST_CASE("a method nobody knows is 501") {
    const auto method = GENERATE(verb::unknown, verb::connect, verb::trace);
    CHECK(small().find(method, path("/a")).error().code == status::not_implemented);
}

TEST_CASE("every line of the API has a handler, and a path of its own for its method") {
    // What says nothing about anybody's mail, and the way in.
    const std::set<std::pair<verb, std::string_view>> open{
        {verb::get, "/healthz"},
        {verb::get, "/readyz"},
        {verb::get, "/"},
        {verb::get, "/assets/{path*}"},
        {verb::get, "/frame"},
        {verb::get, "/api/v1/openapi.json"},
        {verb::post, "/api/v1/session"},
        {verb::get, "/metrics"},
        {verb::get, "/.well-known/autoconfig/mail/config-v1.1.xml"},
        {verb::get, "/mail/config-v1.1.xml"},
        {verb::post, "/autodiscover/autodiscover.xml"},
        {verb::post, "/Autodiscover/Autodiscover.xml"},
    };
    std::set<std::pair<verb, std::string_view>> seen;
    for (const auto& r : api_routes()) {
        CAPTURE(r.pattern);
        CHECK(r.handle != nullptr);
        CHECK(r.pattern.starts_with('/'));
        CHECK(seen.emplace(r.method, r.pattern).second);
        CHECK((r.needs == access::anyone) == open.contains({r.method, r.pattern}));
        CHECK((r.needs == access::admin) == r.pattern.starts_with("/api/v1/admin/"));
        // What changes something is never asked for by GET: a link on a stranger's page would do it.
        if (r.method == verb::get) CHECK(r.body == body_kind::none);
    }
}

}  // namespace router_test
