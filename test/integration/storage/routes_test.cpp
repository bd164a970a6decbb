#include <vector>

#include "mail.hpp"
#include "test/run.hpp"

namespace routes_test {

using namespace postern;
using namespace postern::storage;

namespace {

std::vector<std::string> names(const route& r) {
    std::vector<std::string> all;
    for (const auto& d : r.destinations) all.push_back(to_string(d.address));
    return all;
}

}  // namespace

TEST_CASE("a recipient's candidates are answered in the order asked, with all an account's policy needs") {
    test::mail m(ON_BOTH_DATABASES);
    auto& accounts = m.db->accounts();
    new_account wanted;
    wanted.address = {"alice", "example.test"};
    wanted.admin = true;
    wanted.password_hash = "$argon2id$x";
    wanted.quota_limit = 1000;
    wanted.created_at = m.db.clock.now();
    const auto alice = test::value(m.db.run(accounts.add_account(wanted)));
    const auto bob = m.account("bob");
    test::value(m.db.run(accounts.add_alias({"team", "example.test"}, {bob.address, alice.address}, m.db.clock.now())));
    test::value(m.db.run(accounts.add_alias({"", "example.test"}, {bob.address}, m.db.clock.now())));
    m.send({alice}, "one", std::string(123, 'x'));
    test::value(m.db.run(accounts.set_disabled(bob.id, true)));

    const auto answer = test::value(m.db.run(accounts.find_routes("example.test", {"", "nobody", "team", "alice"})));
    CHECK(answer.domain_known);
    REQUIRE(answer.routes.size() == 3);
    CHECK(answer.routes[0].address == canonical_address{"", "example.test"});
    CHECK(answer.routes[0].alias);
    CHECK(names(answer.routes[0]) == std::vector<std::string>{"bob@example.test"});
    CHECK(answer.routes[1].address == canonical_address{"team", "example.test"});
    CHECK(names(answer.routes[1]) == std::vector<std::string>{"alice@example.test", "bob@example.test"});
    CHECK(answer.routes[1].destinations[1].disabled);
    CHECK(!answer.routes[1].destinations[1].has_password);
    CHECK(!answer.routes[1].destinations[1].quota_limit);
    CHECK(answer.routes[2].address == canonical_address{"alice", "example.test"});
    CHECK(!answer.routes[2].alias);
    REQUIRE(answer.routes[2].destinations.size() == 1);
    const auto& to = answer.routes[2].destinations[0];
    CHECK(to.account == alice.id);
    CHECK(to.address == alice.address);
    CHECK(!to.disabled);
    CHECK(to.has_password);
    CHECK(to.admin);
    CHECK(to.quota_limit == 1000);
    CHECK(to.quota_used == 123);
}

TEST_CASE("a domain is known or not, whoever is in it") {
    test::mail m(ON_BOTH_DATABASES);
    const auto [domain, local_parts, known, routes,
                why] = GENERATE(table<std::string, std::vector<std::string>, bool, std::size_t, std::string>({
        {"example.test", {"nobody"}, true, 0, "a stranger"},
        {"example.test", {}, true, 0, "nobody asked for"},
        {"example.test", {"postmaster", "postmaster"}, true, 2, "asked twice, answered twice"},
        {"other.test", {"postmaster"}, false, 0, "not ours"},
        {"", {""}, false, 0, "no domain"},
        {"EXAMPLE.TEST", {"postmaster"}, false, 0, "not canonical: that is the caller's work"},
        {"example.test", {"post\"master", "po'st", "a\\b", "{a,b}", "[\"x\"]", "%"}, true, 0, "what quoting could trip over"},
        {"example.test", {std::string("postmaster\0", 11), "\xff\xfe", "postmaster"}, true, 1, "what no database could hold"},
        {"\xff", {"postmaster"}, false, 0, "what no database could hold"},
    }));
    INFO(why);
    const auto answer = test::value(m.db.run(m.db->accounts().find_routes(domain, local_parts)));
    CHECK(answer.domain_known == known);
    CHECK(answer.routes.size() == routes);
    for (const auto& r : answer.routes) CHECK(r.destinations.size() == 1);
}

TEST_CASE("questions asked together are each answered with their own") {
    test::mail m(ON_BOTH_DATABASES);
    std::vector<account> known;
    for (int i = 0; i < 20; ++i) known.push_back(m.account("user" + std::to_string(i)));
    test::value(
        m.db.run(m.db->accounts().add_alias({"all", "example.test"}, {known[0].address, known[1].address}, m.db.clock.now())));

    std::vector<net::awaitable<core::result<route_answer>>> questions;
    for (int i = 0; i < 1000; ++i) {  // more than a batch holds
        const auto name = "user" + std::to_string(i % 40);
        questions.push_back(m.db->accounts().find_routes(i % 7 == 0 ? "other.test" : "example.test", {name, "all"}));
    }
    const auto answers = test::run_all(m.db.loop, std::move(questions));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        REQUIRE(answers[i]);
        const auto& answer = *answers[i];
        REQUIRE(answer.domain_known == (i % 7 != 0));
        if (!answer.domain_known) continue;
        const bool exists = i % 40 < known.size();
        REQUIRE(answer.routes.size() == (exists ? 2 : 1));
        if (exists) REQUIRE(answer.routes[0].destinations.at(0).account == known[i % 40].id);
        REQUIRE(answer.routes.back().destinations.size() == 2);
    }
}

TEST_CASE("an answer is read after its question: nothing is remembered") {
    test::mail m(ON_BOTH_DATABASES);
    const auto alice = m.account("alice");
    const auto used = [&] {
        const auto answer = test::value(m.db.run(m.db->accounts().find_routes("example.test", {"alice"})));
        return answer.routes.empty() ? -1 : answer.routes[0].destinations[0].quota_used;
    };
    for (int i = 0; i < 5; ++i) {
        CHECK(used() == i * 10);
        m.send({alice}, "x", std::string(10, 'x'));
    }
    test::value(m.db.run(m.db->accounts().remove_account(alice.id)));
    CHECK(used() == -1);
}

TEST_CASE("the caretaker is the nearest enabled administrator, else the nearest enabled account, the oldest first") {
    test::mail m(ON_BOTH_DATABASES);
    auto& accounts = m.db->accounts();
    test::value(m.db.run(accounts.add_domain("second.test", m.db.clock.now())));
    const auto add = [&](const std::string& local_part, const std::string& domain, bool admin) {
        m.db.clock.advance(std::chrono::seconds(1));
        new_account wanted;
        wanted.address = {local_part, domain};
        wanted.admin = admin;
        wanted.password_hash = "$argon2id$x";
        wanted.created_at = m.db.clock.now();
        return test::value(m.db.run(accounts.add_account(wanted))).id;
    };
    const auto caretaker = [&](const std::string& domain) {
        return to_string(test::value(m.db.run(accounts.find_caretaker(domain))).address);
    };
    CHECK(caretaker("second.test") == "postmaster@example.test");  // of the server: the only account
    add("zoe", "second.test", false);
    add("alice", "second.test", false);
    CHECK(caretaker("second.test") == "zoe@second.test");   // of the domain, older than alice
    CHECK(caretaker("unknown.test") == "zoe@second.test");  // who can read it, before the older placeholder
    const auto far = add("far", "example.test", true);
    CHECK(caretaker("second.test") == "far@example.test");  // an administrator elsewhere before an account here
    const auto near = add("near", "second.test", true);
    CHECK(caretaker("second.test") == "near@second.test");
    CHECK(caretaker("example.test") == "far@example.test");
    test::value(m.db.run(accounts.set_disabled(near, true)));
    CHECK(caretaker("second.test") == "far@example.test");
    test::value(m.db.run(accounts.set_disabled(far, true)));
    CHECK(caretaker("second.test") == "zoe@second.test");
    CHECK(caretaker("example.test") == "zoe@second.test");  // who can read it, before the placeholder at home

    const test::fresh_database empty(m.place.on());
    test::open_database nobody(empty);
    test::failure(nobody.run(nobody->accounts().find_caretaker("example.test")), errc::not_found);
}

}  // namespace routes_test
