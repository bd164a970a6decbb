#include "net/connection_limit.hpp"

#include <optional>
#include <string>
#include <vector>

#include "test/catch.hpp"

namespace connection_limit_test {

using boost::asio::ip::make_address;
using postern::net::connection_limit;

TEST_CASE("connections are counted by what one client can have many of") {
    struct row {
        std::string first, second;
        bool same;
    };
    const auto c = GENERATE(values<row>({
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"2001:db8::1", "2001:db8::2", true},             // one /64: one client
        {"2001:db8::1", "2001:db8:0:0:ffff::1", true},    // its upper end
        {"2001:db8::1", "2001:db8:0:1::1", false},        // the next /64
        {"::ffff:192.0.2.1", "192.0.2.1", true},          // mapped: the same IPv4 client
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},  // and not all of them as one /64
        {"0.0.0.0", "::", false},                         // two families, though both are zero
    }));
    connection_limit limit(10, 1);
    const auto first = limit.admit(make_address(c.first));
    REQUIRE(first);
    const auto second = limit.admit(make_address(c.second));
    CHECK(second.has_value() == !c.same);
    if (c.same) CHECK(second.error() == connection_limit::refusal::too_many_from_address);
}

TEST_CASE("an ended connection gives its place back") {
    connection_limit limit(2, 2);
    const auto client = make_address("192.0.2.1");
    auto first = limit.admit(client);
    auto second = limit.admit(client);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(limit.admit(make_address("192.0.2.2")).error() == connection_limit::refusal::too_many);
    std::optional ended(std::move(*first));
    CHECK(limit.size() == 2);  // moving a ticket is not ending it
    ended.reset();
    CHECK(limit.size() == 1);
    CHECK(limit.admit(client).has_value());
}

TEST_CASE("a refused connection takes no place") {
    connection_limit limit(5, 1);
    const auto held = limit.admit(make_address("192.0.2.1"));
    for (int i = 0; i < 10; ++i) CHECK_FALSE(limit.admit(make_address("192.0.2.1")));
    CHECK(limit.size() == 1);
}

TEST_CASE("a ticket may outlive the limit") {
    std::optional<connection_limit> limit(std::in_place, 1, 1);
    const auto held = limit->admit(make_address("192.0.2.1"));
    limit.reset();
    CHECK(held.has_value());
}

TEST_CASE("a proxy's connections count in all, and each client's own once he is known") {
    connection_limit limit(4, 1);
    const auto client = make_address("192.0.2.1");
    auto first = limit.admit();
    auto second = limit.admit();  // from the same proxy
    auto third = limit.admit();
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(third);
    CHECK(limit.name(*first, client));
    CHECK(limit.name(*second, client).error() == connection_limit::refusal::too_many_from_address);
    CHECK(limit.name(*second, make_address("192.0.2.2")));
    CHECK_FALSE(limit.admit(client));  // directly
    CHECK(limit.size() == 3);          // a refused one holds no place
    const auto fourth = limit.admit();
    REQUIRE(fourth);
    CHECK(limit.admit().error() == connection_limit::refusal::too_many);
    {
        const auto ended = std::move(*first);
    }
    CHECK(limit.admit(client));  // his place was given back
}

}  // namespace connection_limit_test
