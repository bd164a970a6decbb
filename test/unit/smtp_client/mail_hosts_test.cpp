#include "smtp_client/mail_hosts.hpp"

#include <algorithm>
#include <set>

#include "test/catch.hpp"
#include "test/fixed_resolver.hpp"
#include "test/run.hpp"

namespace mail_hosts_test {

using namespace postern;
using dns::mx_record;
using smtp_client::delivery_status;

namespace {

struct fixture {
    boost::asio::io_context loop;
    test::fixed_resolver dns;
    core::system_random random;
    std::vector<std::string> own = {"mx.here.test"};

    auto hosts(const std::string& destination) {
        return test::run(loop, smtp_client::find_mail_hosts(dns, destination, own, random));
    }
    auto addresses(const std::string& host, bool from_mx) {
        return test::run(loop, smtp_client::find_addresses(dns, host, from_mx));
    }

    std::string names(const std::string& destination) {
        const auto found = hosts(destination);
        if (!found)
            return (found.error().what == delivery_status::kind::permanent ? "permanent " : "temporary ") +
                   to_string(found.error().status);
        std::string all;
        for (const auto& h : *found) all += (all.empty() ? "" : " ") + h.name;
        return all;
    }
};

}  // namespace

TEST_CASE_METHOD(fixture, "where a domain's mail goes") {
    dns.mx("plain.test", {mx_record{20, "b.test"}, mx_record{10, "a.test"}});
    dns.says("hostonly.test", dns::record_type::mx, dns::status::no_data);
    dns.mx("null.test", {mx_record{0, ""}});
    dns.mx("halfnull.test", {mx_record{0, ""}, mx_record{5, "a.test"}});
    dns.mx("backup.test",
           {mx_record{10, "a.test"}, mx_record{20, "MX.HERE.TEST"}, mx_record{20, "b.test"}, mx_record{30, "c.test"}});
    dns.mx("onlyus.test", {mx_record{10, "mx.here.test."}, mx_record{20, "b.test"}});
    dns.says("broken.test", dns::record_type::mx, dns::status::temporary_failure);

    struct row {
        const char* destination;
        const char* expected;
        const char* why;
    };
    const row rows[] = {
        {"plain.test", "a.test b.test", "lowest preference first"},
        {"hostonly.test", "hostonly.test", "RFC 5321 5.1: the implicit MX"},
        {"null.test", "permanent 5.1.10", "RFC 7505: takes no mail"},
        {"halfnull.test", "a.test", "a root name among others names nobody"},
        {"backup.test", "a.test", "hosts at and behind our own preference are left out"},
        {"onlyus.test", "permanent 5.4.6", "only we are left, and we do not take it"},
        {"broken.test", "temporary 4.4.3", "DNS could not say: never a bounce"},
        {"gone.test", "permanent 5.1.2", "NXDOMAIN"},
        {"[192.0.2.1]", "192.0.2.1", "a literal is its own host"},
        {"[IPv6:2001:db8::1]", "2001:db8::1", "an IPv6 literal"},
        {"[nonsense]", "permanent 5.1.2", "not an address"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.destination, r.why);
        CHECK(names(r.destination) == r.expected);
    }
}

TEST_CASE_METHOD(fixture, "hosts of equal preference are tried in every order") {
    dns.mx("x.test", {mx_record{10, "a.test"}, mx_record{10, "b.test"}, mx_record{10, "c.test"}, mx_record{20, "z.test"}});
    std::set<std::string> orders;
    for (int i = 0; i < 500; ++i) {
        orders.insert(names("x.test"));
        REQUIRE(names("x.test").ends_with(" z.test"));
    }
    CHECK(orders.size() == 6);
}

TEST_CASE_METHOD(fixture, "a domain with very many hosts costs a bounded number of tries") {
    std::vector<dns::record> many;
    for (int i = 0; i < 400; ++i)
        many.emplace_back(mx_record{static_cast<std::uint16_t>(i), "h" + std::to_string(i) + ".test"});
    dns.mx("many.test", many);
    const auto found = hosts("many.test");
    REQUIRE(found);
    CHECK(found->size() == 50);
    CHECK(found->front().name == "h0.test");
}

TEST_CASE_METHOD(fixture, "a host's addresses are those the machine can reach first") {
    dns.found("both.test", dns::record_type::a, {dns::a_record{{127, 0, 0, 1}}});
    dns.found("both.test", dns::record_type::aaaa,
              {dns::aaaa_record{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}});
    const auto found = addresses("both.test", true);
    REQUIRE(found);
    REQUIRE(found->size() == 2);
    CHECK(addresses("192.0.2.7", false)->front().to_string() == "192.0.2.7");
}

TEST_CASE_METHOD(fixture, "a host without addresses is the domain's fault or the moment's") {
    dns.says("flaky.test", dns::record_type::a, dns::status::temporary_failure);
    dns.says("flaky.test", dns::record_type::aaaa, dns::status::no_data);
    dns.says("empty.test", dns::record_type::a, dns::status::no_data);
    dns.says("empty.test", dns::record_type::aaaa, dns::status::no_data);
    CHECK(addresses("flaky.test", false).error().status == smtp::enhanced_status{4, 4, 3});
    CHECK(addresses("empty.test", true).error().what == delivery_status::kind::temporary);
    CHECK(addresses("empty.test", false).error().what == delivery_status::kind::permanent);
    CHECK(addresses("gone.test", false).error().status == smtp::enhanced_status{5, 1, 2});
}

TEST_CASE_METHOD(fixture, "one family's failure does not hide the other's addresses") {
    dns.a("four.test", {127, 0, 0, 1});
    dns.says("four.test", dns::record_type::aaaa, dns::status::temporary_failure);
    CHECK(addresses("four.test", true).value().size() == 1);
}

}  // namespace mail_hosts_test
