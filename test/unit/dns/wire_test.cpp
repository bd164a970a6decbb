#include "dns/wire.hpp"

#include "test/catch.hpp"
#include "test/dns_message.hpp"

namespace wire_test {

using namespace postern::dns;
using postern::test::dns_message;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr std::uint16_t a = 1, cname = 5, soa = 6, mx = 15, txt = 16, aaaa = 28, tlsa = 52;

answer read(const dns_message& m, std::string_view name, record_type type) {
    const auto& octets = m.octets();
    return read_answer({reinterpret_cast<const unsigned char*>(octets.data()), octets.size()}, name, type);
}

}  // namespace

TEST_CASE("records of every type are read") {
    const auto found = [](std::uint16_t number, record_type type, const std::string& data) {
        const auto r = read(dns_message().question("x.test", number).answer("x.test", number, 60, data), "x.test", type);
        REQUIRE(r.status == status::found);
        REQUIRE(r.records.size() == 1);
        CHECK(r.ttl == 60s);
        CHECK(r.canonical_name == "x.test");
        return to_text(r.records.front());
    };
    CHECK(found(a, record_type::a, "\x7f\0\0\x01"s) == "127.0.0.1");
    CHECK(found(aaaa, record_type::aaaa, std::string(15, '\0') + "\x01") == "::1");
    CHECK(found(mx, record_type::mx, dns_message::mx(10, "mx.test")) == "10 mx.test.");
    CHECK(found(mx, record_type::mx, dns_message::mx(0, "")) == "0 .");  // RFC 7505: null MX
    CHECK(found(12, record_type::ptr, dns_message::wire_name("host.test")) == "host.test.");
    CHECK(found(cname, record_type::cname, dns_message::wire_name("other.test")) == "other.test.");
    CHECK(found(txt, record_type::txt, "\x05v=spf\x03 -x") == "\"v=spf -x\"");  // RFC 7208 3.3: joined without a space
    CHECK(found(tlsa, record_type::tlsa, "\x03\x01\x01\xab\xcd"s) == "3 1 1 abcd");
}

TEST_CASE("CNAMEs inside the answer are followed, whatever their order") {
    const auto r = read(dns_message()
                            .answer("c.test", a, 50, "\x01\x02\x03\x04")
                            .answer("b.test", cname, 20, dns_message::wire_name("c.test"))
                            .answer("A.test", cname, 30, dns_message::wire_name("B.test")),
                        "a.test", record_type::a);
    REQUIRE(r.status == status::found);
    CHECK(r.canonical_name == "c.test");
    CHECK(r.ttl == 20s);  // the least on the way
    CHECK(r.records == std::vector<record>{a_record{{1, 2, 3, 4}}});
}

TEST_CASE("no data, no such name and failure are different things") {
    struct row {
        dns_message message;
        status expected;
        std::chrono::seconds ttl;
        const char* why;
    };
    const auto negative = [](std::uint16_t flags) { return dns_message(flags); };
    const row rows[] = {
        {negative(0x8180).authority("test", soa, 900, dns_message::soa(300)), status::no_data, 300s, "the SOA's MINIMUM"},
        {negative(0x8183).authority("test", soa, 100, dns_message::soa(300)), status::no_such_name, 100s, "the SOA's own TTL"},
        {negative(0x8183).authority("test", soa, 999'999, dns_message::soa(999'999)), status::no_such_name, 10'800s, "capped"},
        {negative(0x8180), status::no_data, 0s, "without a SOA nothing is kept"},
        {negative(0x8182), status::temporary_failure, 0s, "SERVFAIL"},
        {negative(0x8185), status::temporary_failure, 0s, "REFUSED"},
        {dns_message().answer("x.test", mx, 5, dns_message::mx(1, "m.test")), status::no_data, 0s, "records of another type"},
        {dns_message().answer("y.test", a, 5, "abcd"), status::no_data, 0s, "records of another name are not believed"},
        {dns_message(0x8183)
             .answer("x.test", cname, 5, dns_message::wire_name("gone.test"))
             .authority("test", soa, 9, dns_message::soa(9)),
         status::no_such_name, 5s, "the end of the chain does not exist"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.why);
        const auto got = read(r.message, "x.test", record_type::a);
        CHECK(got.status == r.expected);
        CHECK(got.ttl == r.ttl);
    }
}

TEST_CASE("malformed answers are temporary failures, never anything worse") {
    const dns_message rows[] = {
        dns_message().raw("").count_answer(),                                                   // promised, not there
        dns_message().answer("x.test", a, 5, "abc"),                                            // an address of 3 octets
        dns_message().answer("x.test", aaaa, 5, "abcd").answer("x.test", a, 5, "abcde"),        // of 5
        dns_message().count_answer().raw("\xc0\x0c"),                                           // a name that points to itself
        dns_message().count_answer().name("x.test").u16(1).u16(1).u32(5).u16(500).raw("abcd"),  // data beyond the end
        dns_message()
            .answer("x.test", cname, 5, dns_message::wire_name("y.test"))
            .answer("y.test", cname, 5, dns_message::wire_name("x.test")),
    };
    for (const auto& m : rows) CHECK(read(m, "x.test", record_type::a).status == status::temporary_failure);
    CHECK(read(dns_message().answer("x.test", txt, 5, "\x09short"), "x.test", record_type::txt).status ==
          status::temporary_failure);
    CHECK(read(dns_message().answer("x.test", mx, 5, "\x01"), "x.test", record_type::mx).status == status::temporary_failure);
    CHECK(read_answer({}, "x.test", record_type::a).status == status::temporary_failure);
}

TEST_CASE("an answer cut anywhere is never taken for a different one") {
    const auto whole = dns_message().question("x.test", mx).answer("x.test", mx, 60, dns_message::mx(10, "mx.test")).octets();
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const auto r = read_answer({reinterpret_cast<const unsigned char*>(whole.data()), n}, "x.test", record_type::mx);
        CHECK(r.status == status::temporary_failure);
    }
}

TEST_CASE("the AD bit is told") {
    CHECK(read(dns_message(dns_message::response | dns_message::authenticated).answer("x.test", a, 5, "abcd"), "x.test",
               record_type::a)
              .authenticated);
    CHECK_FALSE(read(dns_message().answer("x.test", a, 5, "abcd"), "x.test", record_type::a).authenticated);
}

TEST_CASE("a TTL with the top bit set is zero, and a year is a week") {  // RFC 2181 8
    CHECK(read(dns_message().answer("x.test", a, 0x80000001, "abcd"), "x.test", record_type::a).ttl == 0s);
    CHECK(read(dns_message().answer("x.test", a, 31'536'000, "abcd"), "x.test", record_type::a).ttl == 604'800s);
}

TEST_CASE("names compare without case and without the root's dot") {
    CHECK(same_name("Example.TEST.", "example.test"));
    CHECK_FALSE(same_name("example.test", "xexample.test"));
}

}  // namespace wire_test
