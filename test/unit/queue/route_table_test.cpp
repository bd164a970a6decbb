#include "queue/route_table.hpp"

#include "queue/destination_of.hpp"
#include "test/catch.hpp"

namespace route_table_test {

using namespace postern::queue;
using postern::config::relay_settings;

TEST_CASE("mail goes to a domain's own route, else to the smarthost, else to its mail hosts") {
    relay_settings none;
    none.port = 2525;
    const auto direct = route_table(none).find("example.test");
    CHECK(direct.key == "example.test");
    CHECK(direct.host.empty());
    CHECK(direct.port == 2525);
    CHECK_FALSE(direct.smarthost);

    relay_settings both;
    both.host = "smart.test";
    both.routes = {{"inner.test", "10.0.0.1", 26}, {"other.test", "10.0.0.1", 26}, {"smart.test", "smart.test", 25}};
    const route_table routes(both);
    CHECK(routes.find("example.test").host == "smart.test");
    CHECK(routes.find("example.test").smarthost);
    CHECK(routes.find("example.test").key == routes.find("[192.0.2.1]").key);  // they share connections
    CHECK(routes.find("inner.test").host == "10.0.0.1");
    CHECK(routes.find("inner.test").port == 26);
    CHECK(routes.find("inner.test").key == routes.find("other.test").key);
    CHECK(routes.find("sub.inner.test").host == "smart.test");  // a route is for the domain itself
    CHECK_FALSE(routes.find("inner.test").smarthost);
    CHECK(routes.find("smart.test").key != routes.find("example.test").key);  // the same host, but without its login
}

TEST_CASE("a recipient's destination is its domain as it is looked up") {
    struct row {
        const char* path;
        std::optional<std::string> destination;
    };
    const row rows[] = {
        {"a@Example.TEST", "example.test"},
        {"a@b\xc3\xbc"
         "cher.test",
         "xn--bcher-kva.test"},
        {"\"a@b\"@example.test", "example.test"},
        {"a@[192.0.2.1]", "[192.0.2.1]"},
        {"a@[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"},
        {"postmaster", std::nullopt},
        {"", std::nullopt},
        {"a@", std::nullopt},
        {"a@b@c", std::nullopt},
    };
    for (const auto& r : rows) CHECK(destination_of(r.path) == r.destination);
}

}  // namespace route_table_test
