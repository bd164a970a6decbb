#include <vector>

#include "test/engines.hpp"

namespace directory_test {

using namespace postern;
using namespace postern::storage;
using test::fresh_database;
using test::open_database;

namespace {

/// A directory with example.test and the accounts asked for.
struct example {
    explicit example(test::engine on) : place(on), db(place) {
        test::value(db.run(db->accounts().add_domain("example.test", db.clock.now())));
    }

    account add(const std::string& local_part, const std::string& domain = "example.test", bool admin = false) {
        new_account wanted;
        wanted.address = {local_part, domain};
        wanted.admin = admin;
        wanted.password_hash = "$argon2id$" + local_part;
        wanted.created_at = db.clock.now();
        db.clock.advance(std::chrono::seconds(1));
        return test::value(db.run(db->accounts().add_account(wanted)));
    }

    directory& accounts() { return db->accounts(); }

    fresh_database place;
    open_database db;
};

}  // namespace

TEST_CASE("a server's first domain comes with a postmaster that cannot sign in") {
    example e(ON_BOTH_DATABASES);
    const auto made = test::value(e.db.run(e.accounts().find_account(canonical_address{"postmaster", "example.test"})));
    REQUIRE(made);
    CHECK(made->password_hash.empty());
    CHECK(!made->admin);
    CHECK(!made->disabled);
    CHECK(made->created_at == e.db.clock.now());

    e.add("alice");
    const auto second = test::value(e.db.run(e.accounts().add_domain("second.test", e.db.clock.now())));
    CHECK(second.accounts == 0);  // mail for its postmaster has somewhere to go already
    CHECK(!test::value(e.db.run(e.accounts().find_account(canonical_address{"postmaster", "second.test"}))));
}

TEST_CASE("domains are listed by name with what they hold") {
    example e(ON_BOTH_DATABASES);
    e.add("alice");
    test::value(e.db.run(e.accounts().add_alias({"", "example.test"}, {{"alice", "example.test"}}, e.db.clock.now())));
    const auto made = test::value(e.db.run(e.accounts().add_domain("a-first.test", e.db.clock.now())));
    const auto all = test::value(e.db.run(e.accounts().list_domains()));
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "a-first.test");
    CHECK(all[0].id == made.id);
    CHECK(all[0].created_at == e.db.clock.now());
    CHECK(all[0].accounts == 0);
    CHECK(all[1].name == "example.test");
    CHECK(all[1].accounts == 2);  // alice and the placeholder
    CHECK(all[1].aliases == 1);
    test::failure(e.db.run(e.accounts().add_domain("example.test", e.db.clock.now())), errc::already_exists);
}

TEST_CASE("a domain goes only when nothing lives in it") {
    example e(ON_BOTH_DATABASES);
    e.add("alice");
    test::failure(e.db.run(e.accounts().remove_domain("none.test")), errc::not_found);
    CHECK_THAT(test::failure(e.db.run(e.accounts().remove_domain("example.test")), errc::refused).message(),
               Catch::Contains("example.test still has 2 accounts and 0 aliases"));

    test::value(e.db.run(e.accounts().add_domain("second.test", e.db.clock.now())));
    test::value(e.db.run(e.accounts().add_alias({"x", "second.test"}, {{"alice", "example.test"}}, e.db.clock.now())));
    test::failure(e.db.run(e.accounts().remove_domain("second.test")), errc::refused);
    test::value(e.db.run(e.accounts().remove_alias({"x", "second.test"})));
    test::value(e.db.run(e.accounts().remove_domain("second.test")));
    CHECK(test::value(e.db.run(e.accounts().list_domains())).size() == 1);
}

TEST_CASE("a domain with an unused placeholder goes with it, unless other domains need it") {
    example e(ON_BOTH_DATABASES);
    test::value(e.db.run(e.accounts().add_domain("second.test", e.db.clock.now())));
    CHECK_THAT(test::failure(e.db.run(e.accounts().remove_domain("example.test")), errc::refused).message(),
               Catch::Contains("last enabled account"));
    test::value(e.db.run(e.accounts().remove_domain("second.test")));
    test::value(e.db.run(e.accounts().remove_domain("example.test")));
    CHECK(test::value(e.db.run(e.accounts().list_accounts(std::nullopt))).empty());
    CHECK(e.place.number("SELECT count(*) FROM mailbox") == 0);
}

TEST_CASE("a placeholder that somebody uses keeps its domain") {
    example e(ON_BOTH_DATABASES);
    const canonical_address postmaster{"postmaster", "example.test"};
    const auto made = test::value(e.db.run(e.accounts().find_account(postmaster)));
    SECTION("it can sign in") { test::value(e.db.run(e.accounts().set_password_hash(made->id, "$argon2id$x"))); }
    SECTION("an alias leads to it") {
        test::value(e.db.run(e.accounts().add_domain("second.test", e.db.clock.now())));
        test::value(e.db.run(e.accounts().add_alias({"x", "second.test"}, {postmaster}, e.db.clock.now())));
    }
    test::failure(e.db.run(e.accounts().remove_domain("example.test")), errc::refused);
}

TEST_CASE("an account is found as it was made, with its six mailboxes") {
    example e(ON_BOTH_DATABASES);
    new_account wanted;
    wanted.address = {"zoë+😀", "example.test"};
    wanted.name = "Zoë \"Z\" O'Neil; DROP TABLE account; :id";
    wanted.admin = true;
    wanted.password_hash = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA";
    wanted.quota_limit = 2'147'483'648'000;
    wanted.created_at = e.db.clock.now();
    const auto made = test::value(e.db.run(e.accounts().add_account(wanted)));
    const auto by_id = test::value(e.db.run(e.accounts().find_account(made.id)));
    const auto by_address = test::value(e.db.run(e.accounts().find_account(wanted.address)));
    for (const auto& found : {std::optional(made), by_id, by_address}) {
        REQUIRE(found);
        CHECK(found->id == made.id);
        CHECK(found->address == wanted.address);
        CHECK(found->name == wanted.name);
        CHECK(found->admin);
        CHECK(!found->disabled);
        CHECK(found->password_hash == wanted.password_hash);
        CHECK(found->quota_limit == wanted.quota_limit);
        CHECK(found->quota_used == 0);
        CHECK(found->created_at == wanted.created_at);
    }
    const auto boxes = test::value(e.db.run(e.db->messages().list_mailboxes(made.id)));
    REQUIRE(boxes.size() == 6);
    const std::vector<std::string> names = {"Inbox", "Sent", "Drafts", "Junk", "Trash", "Archive"};
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        CHECK(boxes[i].name == names[i]);
        CHECK(boxes[i].role == static_cast<mailbox_role>(i + 1));
        CHECK(boxes[i].account == made.id);
        CHECK(boxes[i].total == 0);
        CHECK(boxes[i].unread == 0);
        CHECK(boxes[i].uid_next == 1);
        CHECK(boxes[i].uid_validity == 1'764'000'000);
    }
}

TEST_CASE("an account without quota and password comes back without") {
    example e(ON_BOTH_DATABASES);
    new_account wanted;
    wanted.address = {"bare", "example.test"};
    const auto made = test::value(e.db.run(e.accounts().add_account(wanted)));
    const auto found = test::value(e.db.run(e.accounts().find_account(made.id)));
    CHECK(!found->quota_limit);
    CHECK(found->password_hash.empty());
    CHECK(found->name.empty());
}

TEST_CASE("an account is not made where it cannot be") {
    example e(ON_BOTH_DATABASES);
    e.add("alice");
    test::value(e.db.run(e.accounts().add_alias({"team", "example.test"}, {{"alice", "example.test"}}, e.db.clock.now())));
    const auto add = [&e](const std::string& local_part, const std::string& domain) {
        new_account wanted;
        wanted.address = {local_part, domain};
        return e.db.run(e.accounts().add_account(wanted));
    };
    CHECK_THAT(test::failure(add("alice", "none.test"), errc::not_found).message(), Catch::Contains("none.test"));
    CHECK_THAT(test::failure(add("alice", "example.test"), errc::already_exists).message(), Catch::Contains("an account"));
    CHECK_THAT(test::failure(add("team", "example.test"), errc::already_exists).message(), Catch::Contains("an alias"));
    test::failure(add("", "example.test"), errc::refused);
    test::failure(add(std::string("nul\0", 4), "example.test"), errc::failed);
    test::failure(add("not \xff utf8", "example.test"), errc::failed);
    CHECK(test::value(e.db.run(e.accounts().list_accounts("example.test"))).size() == 2);
}

TEST_CASE("accounts are listed by domain and local part, by octets whatever the server's locale") {
    example e(ON_BOTH_DATABASES);
    test::value(e.db.run(e.accounts().add_domain("a.test", e.db.clock.now())));
    for (const auto* name : {"b", "a_", "a-", "aa", "ä"}) e.add(name);
    e.add("z", "a.test");
    std::vector<std::string> listed;
    for (const auto& a : test::value(e.db.run(e.accounts().list_accounts(std::nullopt))))
        listed.push_back(to_string(a.address));
    CHECK(listed == std::vector<std::string>{"z@a.test", "a-@example.test", "a_@example.test", "aa@example.test",
                                             "b@example.test", "postmaster@example.test", "ä@example.test"});
    CHECK(test::value(e.db.run(e.accounts().list_accounts("a.test"))).size() == 1);
    CHECK(test::value(e.db.run(e.accounts().list_accounts("none.test"))).empty());
}

TEST_CASE("a password hash is replaced and taken away") {
    example e(ON_BOTH_DATABASES);
    const auto alice = e.add("alice");
    test::value(e.db.run(e.accounts().set_password_hash(alice.id, "$argon2id$new")));
    CHECK(test::value(e.db.run(e.accounts().find_account(alice.id)))->password_hash == "$argon2id$new");
    test::value(e.db.run(e.accounts().set_password_hash(alice.id, "")));
    CHECK(test::value(e.db.run(e.accounts().find_account(alice.id)))->password_hash.empty());
    test::failure(e.db.run(e.accounts().set_password_hash({4711}, "x")), errc::not_found);
}

TEST_CASE("the last enabled account is neither disabled nor removed") {
    example e(ON_BOTH_DATABASES);
    const auto alice = e.add("alice");
    const auto postmaster = test::value(e.db.run(e.accounts().find_account(canonical_address{"postmaster", "example.test"})));
    test::value(e.db.run(e.accounts().set_disabled(postmaster->id, true)));
    CHECK_THAT(test::failure(e.db.run(e.accounts().set_disabled(alice.id, true)), errc::refused).message(),
               Catch::Contains("RFC 5321 4.5.1"));
    test::failure(e.db.run(e.accounts().remove_account(alice.id)), errc::refused);
    test::value(e.db.run(e.accounts().set_disabled(postmaster->id, true)));  // is already, and stays so
    test::value(e.db.run(e.accounts().set_disabled(alice.id, false)));

    test::value(e.db.run(e.accounts().remove_account(postmaster->id)));  // a disabled one takes nothing away
    const auto bob = e.add("bob");
    test::value(e.db.run(e.accounts().set_disabled(alice.id, true)));
    CHECK(test::value(e.db.run(e.accounts().find_account(alice.id)))->disabled);
    test::failure(e.db.run(e.accounts().remove_account(bob.id)), errc::refused);
    test::failure(e.db.run(e.accounts().set_disabled({4711}, true)), errc::not_found);
    test::failure(e.db.run(e.accounts().remove_account({4711})), errc::not_found);
}

TEST_CASE("of two who disable the last two accounts at once, one is refused") {
    example e(ON_BOTH_DATABASES);
    const auto alice = e.add("alice");
    const auto bob = e.add("bob");
    test::value(e.db.run(e.accounts().remove_account(
        test::value(e.db.run(e.accounts().find_account(canonical_address{"postmaster", "example.test"})))->id)));
    open_database other(e.place);  // a writer of its own, as another process has
    std::optional<core::result<void>> here;
    std::optional<core::result<void>> there;
    boost::asio::co_spawn(e.db.loop, e.accounts().set_disabled(alice.id, true),
                          [&](std::exception_ptr, core::result<void> r) { here = std::move(r); });
    boost::asio::co_spawn(other.loop, other->accounts().set_disabled(bob.id, true),
                          [&](std::exception_ptr, core::result<void> r) { there = std::move(r); });
    e.db.loop.poll();
    other.loop.poll();
    e.db.run_until([&] { return here.has_value(); });
    other.run_until([&] { return there.has_value(); });
    CHECK(here->has_value() != there->has_value());
    CHECK(e.place.number("SELECT count(*) FROM account WHERE NOT disabled") == 1);
}

TEST_CASE("an alias leads to accounts, each once, in order of address") {
    example e(ON_BOTH_DATABASES);
    test::value(e.db.run(e.accounts().add_domain("second.test", e.db.clock.now())));
    e.add("alice");
    e.add("bob");
    e.add("alice", "second.test");
    const auto made = test::value(e.db.run(e.accounts().add_alias(
        {"team", "example.test"},
        {{"bob", "example.test"}, {"alice", "second.test"}, {"bob", "example.test"}, {"alice", "example.test"}},
        e.db.clock.now())));
    const std::vector<canonical_address> targets = {
        {"alice", "example.test"}, {"alice", "second.test"}, {"bob", "example.test"}};
    CHECK(made.targets == targets);
    test::value(e.db.run(e.accounts().add_alias({"", "second.test"}, {{"bob", "example.test"}}, e.db.clock.now())));

    const auto all = test::value(e.db.run(e.accounts().list_aliases(std::nullopt)));
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == made.id);
    CHECK(all[0].address == canonical_address{"team", "example.test"});
    CHECK(all[0].targets == targets);
    CHECK(all[0].created_at == e.db.clock.now());
    CHECK(all[1].address == canonical_address{"", "second.test"});
    CHECK(test::value(e.db.run(e.accounts().list_aliases("second.test"))).size() == 1);
    CHECK(test::value(e.db.run(e.accounts().list_aliases("none.test"))).empty());

    test::value(e.db.run(e.accounts().remove_alias({"", "second.test"})));
    test::failure(e.db.run(e.accounts().remove_alias({"", "second.test"})), errc::not_found);
    test::failure(e.db.run(e.accounts().remove_alias({"alice", "example.test"})), errc::not_found);  // an account is no alias
}

TEST_CASE("an alias is not made where it cannot be, and then nothing of it is") {
    example e(ON_BOTH_DATABASES);
    e.add("alice");
    test::value(e.db.run(e.accounts().add_alias({"team", "example.test"}, {{"alice", "example.test"}}, e.db.clock.now())));
    const auto add = [&e](const std::string& local_part, const std::string& domain, std::vector<canonical_address> targets) {
        return e.db.run(e.accounts().add_alias({local_part, domain}, std::move(targets), e.db.clock.now()));
    };
    const canonical_address alice{"alice", "example.test"};
    test::failure(add("x", "none.test", {alice}), errc::not_found);
    test::failure(add("alice", "example.test", {alice}), errc::already_exists);
    test::failure(add("team", "example.test", {alice}), errc::already_exists);
    test::failure(add("x", "example.test", {}), errc::refused);
    CHECK_THAT(test::failure(add("x", "example.test", {alice, {"nobody", "example.test"}}), errc::not_found).message(),
               Catch::Contains("nobody@example.test is not an account"));
    test::failure(add("x", "example.test", {{"team", "example.test"}}), errc::not_found);  // no alias of an alias: no loops
    CHECK(test::value(e.db.run(e.accounts().list_aliases(std::nullopt))).size() == 1);
}

TEST_CASE("an account that goes leaves its aliases, and takes those that led to it alone") {
    example e(ON_BOTH_DATABASES);
    const auto alice = e.add("alice");
    e.add("bob");
    const canonical_address to_alice{"alice", "example.test"};
    const canonical_address to_bob{"bob", "example.test"};
    test::value(e.db.run(e.accounts().add_alias({"both", "example.test"}, {to_alice, to_bob}, e.db.clock.now())));
    test::value(e.db.run(e.accounts().add_alias({"only-z", "example.test"}, {to_alice}, e.db.clock.now())));
    test::value(e.db.run(e.accounts().add_alias({"only-a", "example.test"}, {to_alice}, e.db.clock.now())));
    const auto gone = test::value(e.db.run(e.accounts().remove_account(alice.id)));
    CHECK(gone == std::vector<canonical_address>{{"only-a", "example.test"}, {"only-z", "example.test"}});
    const auto left = test::value(e.db.run(e.accounts().list_aliases(std::nullopt)));
    REQUIRE(left.size() == 1);
    CHECK(left[0].targets == std::vector<canonical_address>{to_bob});
    CHECK(!test::value(e.db.run(e.accounts().find_account(alice.id))));
    CHECK(test::value(e.db.run(e.db->messages().list_mailboxes(alice.id))).empty());
}

TEST_CASE("the first account is made with its domain, once, and only where nobody lives") {
    fresh_database place(ON_BOTH_DATABASES);
    open_database db(place);
    open_database other(place);  // as another process would
    new_account wanted;
    wanted.address = {"admin", "example.test"};
    wanted.admin = true;
    wanted.password_hash = "$argon2id$admin";
    wanted.created_at = db.clock.now();
    const auto made = test::value(db.run(db->accounts().add_first_account(wanted)));
    REQUIRE(made);
    CHECK(made->admin);
    CHECK(made->address == wanted.address);
    CHECK(test::value(db.run(db->accounts().list_accounts(std::nullopt))).size() == 1);  // and no placeholder for postmaster
    CHECK(test::value(db.run(db->accounts().find_caretaker("example.test"))).account == made->id);
    wanted.address = {"admin", "second.test"};
    CHECK(!test::value(db.run(db->accounts().add_first_account(wanted))));
    CHECK(!test::value(other.run(other->accounts().add_first_account(wanted))));
    CHECK(test::value(other.run(other->accounts().list_domains())).size() == 1);
}

TEST_CASE("a domain with its placeholder is somebody's work already: no first account is made") {
    example e(ON_BOTH_DATABASES);
    new_account wanted;
    wanted.address = {"admin", "example.test"};
    CHECK(!test::value(e.db.run(e.accounts().add_first_account(wanted))));
}

}  // namespace directory_test
