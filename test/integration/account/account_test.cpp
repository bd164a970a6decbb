#include "account/administration.hpp"
#include "account/app_passwords.hpp"
#include "account/directory_resolver.hpp"
#include "account/password_authenticator.hpp"
#include "test/catch.hpp"
#include "test/database.hpp"
#include "test/quick_hasher.hpp"

namespace account_test {

using namespace postern;
using account::account_request;
using account::recipient_refusal;
using account::secret;

/// The account module on the real directory: what one function makes, the others act upon.
namespace {

struct server {
    explicit server(test::engine on) : place(on), db(place) {}

    test::fresh_database place;
    test::open_database db;
    core::system_random random;
    test::quick_hasher hasher{1};
    account::administration admin{db->accounts(), hasher, db.clock, core::logger()};
    account::directory_resolver resolver{db->accounts(), "mx.example.test", core::logger()};
    account::password_authenticator authenticator{db->accounts(), db->app_passwords(), hasher, random,
                                                  db.clock,       core::logger()};

    void domain(const char* name) { REQUIRE(db.run(admin.add_domain(name))); }
    void account(const char* address, const char* password = nullptr, std::optional<std::int64_t> quota = std::nullopt) {
        account_request request;
        request.address = address;
        if (password != nullptr) request.password.emplace(std::string_view(password));
        request.quota_limit = quota;
        REQUIRE(db.run(admin.add_account(std::move(request))));
    }
    void alias(const char* address, std::vector<std::string> targets) {
        REQUIRE(db.run(admin.add_alias(address, std::move(targets))));
    }
    /// The accounts' addresses in one line; "" when refused.
    std::string to(const char* address, std::uint64_t size = 0) {
        const auto found = db.run(resolver.resolve(address, size));
        std::string all;
        if (!found) return all;
        for (const auto& r : *found) all += (all.empty() ? "" : " ") + storage::to_string(r.address);
        return all;
    }
    recipient_refusal refusal(const char* address, std::uint64_t size = 0) {
        const auto found = db.run(resolver.resolve(address, size));
        REQUIRE_FALSE(found);
        return found.error();
    }
    account::login_result login(const char* address, std::string_view password) {
        return db.run(authenticator.verify(address, secret(password), boost::asio::ip::make_address("192.0.2.1")));
    }
};

auto both() { return GENERATE(test::engine::sqlite, test::engine::postgresql); }

}  // namespace

TEST_CASE("mail finds its accounts through the real directory") {
    server s(both());
    s.domain("example.test");
    s.domain(
        "b\xC3\xBC"
        "cher.test");
    s.account("alice@example.test", "correct horse");
    s.account("bob@example.test", nullptr, 1000);
    s.account(
        "J\xC3\x9CRGEN@b\xC3\xBC"
        "cher.test");
    s.alias("team@example.test", {"alice@example.test", "j\xC3\xBCrgen@xn--bcher-kva.test"});
    s.alias("@xn--bcher-kva.test", {"bob@example.test"});

    CHECK(s.to("Alice@EXAMPLE.test") == "alice@example.test");
    CHECK(s.to("alice+tag@example.test") == "alice@example.test");
    CHECK(s.to("j\xC3\xBCrgen@B\xC3\x9C"
               "CHER.test") == "j\xC3\xBCrgen@xn--bcher-kva.test");
    CHECK(s.to("team@example.test") == "alice@example.test j\xC3\xBCrgen@xn--bcher-kva.test");
    CHECK(s.to("whoever@xn--bcher-kva.test") == "bob@example.test");
    CHECK(s.to("bob@example.test", 1000) == "bob@example.test");
    CHECK(s.refusal("bob@example.test", 1001) == recipient_refusal::over_quota);
    CHECK(s.refusal("nobody@example.test") == recipient_refusal::unknown_user);
    CHECK(s.refusal("alice@elsewhere.test") == recipient_refusal::not_local);

    REQUIRE(s.db.run(s.admin.set_disabled("alice@example.test", true)));
    CHECK(s.refusal("alice@example.test") == recipient_refusal::mailbox_disabled);
    CHECK(s.to("team@example.test") == "j\xC3\xBCrgen@xn--bcher-kva.test");
}

TEST_CASE("postmaster is deliverable from the domain's first moment, and goes to a person as soon as there is one") {
    server s(both());
    s.domain("example.test");
    CHECK(s.to("postmaster@example.test") == "postmaster@example.test");
    CHECK(s.to("abuse@example.test") == "postmaster@example.test");
    CHECK(s.to("postmaster") == "postmaster@example.test");
    s.account("carol@example.test");
    CHECK(s.to("postmaster@example.test") == "postmaster@example.test");  // carol cannot sign in either
    s.account("alice@example.test", "correct horse");
    CHECK(s.to("postmaster@example.test") == "alice@example.test");
    CHECK(s.to("postmaster") == "alice@example.test");
    s.domain("second.test");
    CHECK(s.to("Abuse@second.test") == "alice@example.test");
    s.alias("abuse@second.test", {"carol@example.test", "alice@example.test"});
    CHECK(s.to("abuse@second.test") == "alice@example.test carol@example.test");
}

TEST_CASE("signing in follows the account's row at once") {
    server s(both());
    s.domain("example.test");
    s.account("alice@example.test", "correct horse");
    s.account("other@example.test");
    using reason = account::login_failure::reason;

    CHECK(s.login("Alice@example.test", "correct horse").value().address.local_part == "alice");
    CHECK(s.login("alice@example.test", "wrong horse").error().why == reason::bad_credentials);
    REQUIRE(s.db.run(s.admin.set_password("alice@example.test", secret(std::string_view("battery staple")))));
    CHECK(s.login("alice@example.test", "correct horse").error().why == reason::bad_credentials);
    CHECK(s.login("alice@example.test", "battery staple"));
    REQUIRE(s.db.run(s.admin.set_disabled("alice@example.test", true)));
    CHECK(s.login("alice@example.test", "battery staple").error().why == reason::disabled);
    CHECK(s.login("other@example.test", "correct horse").error().why == reason::bad_credentials);
}

TEST_CASE("administration passes on what the directory's rules forbid") {
    server s(both());
    s.domain("example.test");
    s.account("alice@example.test", "correct horse");
    s.alias("info@example.test", {"alice@example.test"});
    const auto code = [&](auto task) { return s.db.run(std::move(task)).error().code; };

    CHECK(code(s.admin.add_domain("EXAMPLE.test")) == account::errc::already_exists);
    CHECK(code(s.admin.remove_domain("example.test")) == account::errc::refused);
    CHECK(code(s.admin.add_alias("x@example.test", {"info@example.test"})) == account::errc::refused);
    CHECK(code(s.admin.add_alias("info@example.test", {"alice@example.test"})) == account::errc::already_exists);
    CHECK(code(s.admin.show_account("info@example.test")) == account::errc::not_found);
    CHECK(s.db.run(s.admin.show_account("alice@example.test")).value().aliases.size() == 1);
    const auto gone = s.db.run(s.admin.remove_account("alice@example.test"));
    REQUIRE(gone);
    CHECK(*gone == account::canonical_addresses{{"info", "example.test"}});
}

TEST_CASE("an app password is made, opens its account and is revoked on the real database") {
    server s(both());
    s.domain("example.test");
    s.account("alice@example.test");
    s.account("bob@example.test");
    account::app_passwords passwords(s.db->accounts(), s.db->app_passwords(), s.hasher, s.random, s.db.clock, core::logger());
    const auto phone = s.db.run(passwords.add("alice@example.test", "Phone"));
    REQUIRE(phone);
    const auto laptop = s.db.run(passwords.add("alice@example.test", "Laptop"));
    REQUIRE(laptop);
    CHECK(s.login("alice@example.test", phone->password.reveal()));
    CHECK(s.login("Alice@EXAMPLE.test", laptop->password.reveal()));
    CHECK_FALSE(s.login("bob@example.test", phone->password.reveal()));

    const auto found = s.db.run(s.db->app_passwords().find_scram({"alice", "example.test"}));
    REQUIRE((found && *found));
    REQUIRE((*found)->keys.size() == 2);
    CHECK((*found)->keys.front().stored_key ==
          account::derive_scram_keys(secret(phone->password.reveal()), (*found)->parameters).stored_key);

    REQUIRE(s.db.run(passwords.remove("alice@example.test", "Phone")));
    CHECK_FALSE(s.login("alice@example.test", phone->password.reveal()));
    CHECK(s.login("alice@example.test", laptop->password.reveal()));
    const auto listed = s.db.run(passwords.list("alice@example.test"));
    REQUIRE(listed);
    REQUIRE(listed->size() == 1);
    CHECK(listed->front().name == "Laptop");
}

}  // namespace account_test
