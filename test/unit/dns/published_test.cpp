#include "dns/published.hpp"

#include <map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "test/catch.hpp"

namespace published_test {

using namespace postern;
using namespace postern::dns;
using level = observation::level;

namespace {

answer without_records(status why) {
    answer a;
    a.status = why;
    return a;
}

/// Answers from a table; what is not in it does not exist.
class table_resolver final : public resolver {
public:
    std::map<std::pair<std::string, record_type>, answer> answers;

    void add(const std::string& name, record_type type, record r) {
        auto& a = answers[{name, type}];
        a.status = status::found;
        a.records.push_back(std::move(r));
    }
    net::awaitable<answer> lookup(std::string name, record_type type) override {
        const auto found = answers.find({name, type});
        co_return found == answers.end() ? without_records(status::no_such_name) : found->second;
    }
};

template <class T>
T run(net::awaitable<T> task) {
    boost::asio::io_context loop;
    std::optional<T> done;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr, T value) { done = std::move(value); });
    loop.run();
    return *std::move(done);
}

std::vector<level> levels(const std::vector<observation>& all) {
    std::vector<level> found;
    for (const auto& o : all) found.push_back(o.is);
    return found;
}

}  // namespace

TEST_CASE("addresses have names in the reverse zones") {
    CHECK(reverse_name("192.0.2.1") == "1.2.0.192.in-addr.arpa");
    CHECK(reverse_name("2001:db8::1") == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    CHECK(reverse_name("mx.example.test").empty());
}

TEST_CASE("a zone's records stand in it, and those of other zones beside it as comments") {
    const mail_service service{.hostname = "mx.example.test",
                               .addresses = {"192.0.2.1", "2001:db8::1"},
                               .submission_port = 587,
                               .submissions_port = 465,
                               .imap_port = 143,
                               .imaps_port = 993};
    const auto own = zone_records(service, "example.test");
    CHECK_THAT(own, Catch::StartsWith("$ORIGIN example.test.\n@ "));
    CHECK_THAT(own, Catch::Contains("MX    10 mx.example.test.\n") && Catch::Contains("SRV   0 1 465 mx.example.test.\n") &&
                        Catch::Contains("\nmx.example.test.         IN A     192.0.2.1\n") &&
                        Catch::Contains("\n; 1.2.0.192.in-addr.arpa.  IN PTR   mx.example.test.\n"));
    CHECK_THAT(own, Catch::Contains("\n_imaps._tcp              IN SRV   0 1 993 mx.example.test.\n"
                                    "_imap._tcp               IN SRV   0 1 143 mx.example.test.\n"
                                    "_pop3s._tcp              IN SRV   0 0 0 .\n"));
    CHECK_THAT(zone_records(service, "other.test"), Catch::Contains("\n; in its own zone: mx.example.test.         IN A "));
    CHECK_THAT(zone_records(service, "ample.test"), Catch::Contains("\n; in its own zone: "));
    const auto bare = zone_records({.hostname = "mx.example.test", .addresses = {}}, "example.test");
    CHECK_THAT(bare, !Catch::Contains("_submission") && Catch::Contains("\n; mx.example.test.") &&
                         Catch::Contains("\n_imaps._tcp              IN SRV   0 0 0 .\n"
                                         "_imap._tcp               IN SRV   0 0 0 .\n"));
}

TEST_CASE("a host is seen with its addresses and the names they lead back to") {
    table_resolver ask;
    CHECK(levels(run(look_at_host(ask, "mx.test"))) == std::vector{level::error});  // no address at all
    ask.add("mx.test", record_type::a, a_record{{192, 0, 2, 1}});
    CHECK(levels(run(look_at_host(ask, "mx.test"))) == std::vector{level::ok, level::warning});  // no PTR
    ask.add("1.2.0.192.in-addr.arpa", record_type::ptr, ptr_record{"host7.hoster.test"});
    CHECK_THAT(run(look_at_host(ask, "mx.test"))[1].text, Catch::Contains("host7.hoster.test"));
    ask.add("1.2.0.192.in-addr.arpa", record_type::ptr, ptr_record{"MX.Test."});
    CHECK(levels(run(look_at_host(ask, "mx.test"))) == std::vector{level::ok, level::ok});
    ask.add("mx.test", record_type::a, a_record{{10, 0, 0, 1}});
    CHECK(levels(run(look_at_host(ask, "mx.test"))) == std::vector{level::ok, level::ok, level::warning});
    ask.answers.clear();
    ask.answers[{"mx.test", record_type::a}] = without_records(status::temporary_failure);
    CHECK(levels(run(look_at_host(ask, "mx.test"))) == std::vector{level::warning});  // not knowing is no mistake of theirs
}

TEST_CASE("a domain is seen with its MX and its SPF") {
    table_resolver ask;
    const auto look = [&] { return levels(run(look_at_domain(ask, "mx.test", "a.test"))); };
    CHECK(look() == std::vector{level::error, level::warning});
    ask.add("a.test", record_type::mx, mx_record{10, "elsewhere.test"});
    ask.add("a.test", record_type::txt, txt_record{"v=spf10 mx"});
    CHECK(look() == std::vector{level::warning, level::warning});
    ask.add("a.test", record_type::mx, mx_record{20, "mx.test"});
    ask.add("a.test", record_type::txt, txt_record{"v=spf1 mx -all"});
    CHECK(look() == std::vector{level::ok, level::ok});
    ask.add("a.test", record_type::txt, txt_record{"v=spf1"});
    CHECK(look() == std::vector{level::ok, level::error});  // RFC 7208 4.5
}

}  // namespace published_test
