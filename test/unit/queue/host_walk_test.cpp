#include "queue/host_walk.hpp"

#include <boost/asio/io_context.hpp>

#include "net/listener.hpp"

#include "test/catch.hpp"
#include "test/fixed_resolver.hpp"
#include "test/run.hpp"

namespace host_walk_test {

using namespace postern;
using kind = smtp_client::delivery_status::kind;

namespace {

struct walking {
    boost::asio::io_context loop;
    test::fixed_resolver dns;
    core::system_random random;

    /// "host/address:port" of each candidate, in order.
    std::vector<std::string> all(queue::next_hop hop) {
        walk.emplace(dns, random, std::move(hop), std::vector<std::string>{"us.test"});
        std::vector<std::string> found;
        while (const auto c = test::run(loop, walk->next())) found.push_back(c->host + '/' + net::to_string(c->endpoint));
        return found;
    }

    std::optional<queue::host_walk> walk;
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a domain's mail hosts are walked by preference, each with its addresses") {
    walking w;
    w.dns.mx("a.test", {dns::mx_record{20, "second.test"}, dns::mx_record{10, "first.test"}});
    w.dns.found("first.test", dns::record_type::a, {dns::a_record{{127, 0, 0, 1}}, dns::a_record{{127, 0, 0, 2}}});
    w.dns.a("second.test", {127, 0, 0, 3});
    CHECK(w.all({"a.test", {}, 25, false}) ==
          names{"first.test/127.0.0.1:25", "first.test/127.0.0.2:25", "second.test/127.0.0.3:25"});
    CHECK_FALSE(w.walk->failure());
}

TEST_CASE("hosts are looked up only when their turn comes") {
    walking w;
    w.dns.mx("a.test", {dns::mx_record{20, "second.test"}, dns::mx_record{10, "first.test"}});
    w.dns.a("first.test", {127, 0, 0, 1});
    w.walk.emplace(w.dns, w.random, queue::next_hop{"a.test", {}, 25, false}, names{});
    CHECK(test::run(w.loop, w.walk->next())->host == "first.test");
    for (const auto& asked : w.dns.asked) CHECK_THAT(asked, !Catch::StartsWith("second.test"));
}

TEST_CASE("a host without an address is passed over, and its failure kept") {
    walking w;
    w.dns.mx("a.test", {dns::mx_record{10, "gone.test"}, dns::mx_record{20, "there.test"}});
    w.dns.a("there.test", {127, 0, 0, 3});
    CHECK(w.all({"a.test", {}, 25, false}) == names{"there.test/127.0.0.3:25"});
    REQUIRE(w.walk->failure());
    CHECK(w.walk->failure()->what == kind::temporary);
}

TEST_CASE("a domain that does not exist is a failure for good; a fixed host that does not is not") {
    walking w;
    CHECK(w.all({"none.test", {}, 25, false}).empty());
    CHECK(w.walk->failure()->what == kind::permanent);
    CHECK(w.all({"x", "none.test", 25, false}).empty());
    CHECK(w.walk->failure()->what == kind::temporary);
}

TEST_CASE("a fixed host's MX records are not asked for, an address needs no question at all") {
    walking w;
    w.dns.mx("smart.test", {dns::mx_record{10, "other.test"}});
    w.dns.a("smart.test", {127, 0, 0, 9});
    CHECK(w.all({"x", "smart.test", 2525, true}) == names{"smart.test/127.0.0.9:2525"});
    w.dns.asked.clear();
    CHECK(w.all({"x", "127.0.0.8", 26, false}) == names{"127.0.0.8/127.0.0.8:26"});
    CHECK(w.all({"[127.0.0.7]", {}, 25, false}) == names{"127.0.0.7/127.0.0.7:25"});
    CHECK(w.dns.asked.empty());
}

TEST_CASE("no more than ten addresses are tried, however many a domain has") {
    walking w;
    std::vector<dns::record> hosts;
    for (int i = 0; i < 30; ++i) {
        const auto name = "h" + std::to_string(i) + ".test";
        hosts.push_back(dns::mx_record{static_cast<std::uint16_t>(i), name});
        w.dns.a(name, {127, 0, 1, static_cast<std::uint8_t>(i)});
    }
    w.dns.mx("a.test", hosts);
    CHECK(w.all({"a.test", {}, 25, false}).size() == queue::host_walk::max_candidates);
}

}  // namespace host_walk_test
