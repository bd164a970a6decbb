#include "account/password_authenticator.hpp"

#include "account/credential_cache.hpp"
#include "account/login_throttle.hpp"
#include "account/password.hpp"
#include "memory_app_passwords.hpp"
#include "memory_directory.hpp"
#include "test/catch.hpp"
#include "test/quick_hasher.hpp"
#include "test/run.hpp"

namespace password_authenticator_test {

using namespace postern;
using namespace std::chrono_literals;
using account::login_failure;
using account::login_result;
using account::secret;
using reason = account::login_failure::reason;

namespace {

/// One Argon2id for all tests.
const std::string& hash_of_right() {
    static const auto hash = account::hash_password(secret(std::string_view("right password")), test::quick_hasher::memory);
    return hash;
}

struct fixture {
    boost::asio::io_context loop;
    test::memory_directory directory;
    test::memory_app_passwords app_passwords{directory};
    core::system_random random;
    core::manual_clock clock{core::timestamp{1'000'000s}};
    test::quick_hasher hasher{2};
    account::password_authenticator authenticator{directory, app_passwords, hasher, random, clock, core::logger()};
    storage::account& alice = directory.add("alice", "example.test", hash_of_right());

    net::awaitable<login_result> attempt(std::string login, std::string_view password, const char* client = "192.0.2.1") {
        return authenticator.verify(std::move(login), secret(password), boost::asio::ip::make_address(client));
    }
    login_result verify(std::string login, std::string_view password, const char* client = "192.0.2.1") {
        return test::run(loop, attempt(std::move(login), password, client));
    }
    reason refusal(std::string login, std::string_view password) {
        const auto outcome = verify(std::move(login), password);
        REQUIRE_FALSE(outcome);
        return outcome.error().why;
    }
};

}  // namespace

TEST_CASE_METHOD(fixture, "the right password opens the account, in every spelling of its address") {
    for (const auto* login : {"alice@example.test", "ALICE@Example.Test", "\"alice\"@example.test", "alice@example.test."}) {
        INFO(login);
        const auto account = verify(login, "right password");
        REQUIRE(account);
        CHECK(account->id == alice.id);
    }
}

TEST_CASE_METHOD(fixture, "what is not right is refused, and nothing says why") {
    directory.add("bob", "example.test", "");
    struct row {
        std::string login;
        std::string password;
    };
    const row rows[] = {
        {"alice@example.test", "wrong password"},
        {"alice@example.test", "Right password"},  // case counts
        {"alice@example.test", ""},
        {"alice@example.test", "right\xFFpassword"},   // not UTF-8
        {"nobody@example.test", "right password"},     // no such account
        {"alice@elsewhere.test", "right password"},    // no such domain
        {"alice+tag@example.test", "right password"},  // a subaddress gets mail, it does not sign in
        {"alice", "right password"},
        {"", "right password"},
        {"bob@example.test", ""},  // an account without a password
        {"bob@example.test", "right password"},
    };
    for (const auto& r : rows) {
        INFO(r.login);
        CHECK(refusal(r.login, r.password) == reason::bad_credentials);
    }
}

TEST_CASE_METHOD(fixture, "a disabled account is told so only to who knows the password, also right after it was used") {
    REQUIRE(verify("alice@example.test", "right password"));
    alice.disabled = true;
    CHECK(refusal("alice@example.test", "right password") == reason::disabled);
    CHECK(refusal("alice@example.test", "wrong password") == reason::bad_credentials);
    alice.disabled = false;
    CHECK(verify("alice@example.test", "right password"));
}

TEST_CASE_METHOD(fixture, "a changed password counts at once, for the old one and the new") {
    REQUIRE(verify("alice@example.test", "right password"));
    alice.password_hash = account::hash_password(secret(std::string_view("another password")), test::quick_hasher::memory);
    CHECK(refusal("alice@example.test", "right password") == reason::bad_credentials);
    CHECK(verify("alice@example.test", "another password"));
}

TEST_CASE_METHOD(fixture, "a removed account is gone at once") {
    REQUIRE(verify("alice@example.test", "right password"));
    directory.accounts.clear();
    CHECK(refusal("alice@example.test", "right password") == reason::bad_credentials);
}

TEST_CASE_METHOD(fixture, "without a database nothing is right or wrong, and nothing is counted") {
    directory.failing = storage::errc::unavailable;
    for (int i = 0; i < 20; ++i) CHECK(refusal("alice@example.test", "right password") == reason::unavailable);
    directory.failing.reset();
    CHECK(verify("alice@example.test", "right password"));
}

TEST_CASE_METHOD(fixture, "failures slow an account, and the wait is told") {
    for (unsigned i = 0; i <= account::login_throttle::per_account.free; ++i) {
        CHECK(refusal("alice@example.test", "wrong password") == reason::bad_credentials);
    }
    const auto calls = directory.calls;
    const auto refused = verify("alice@example.test", "right password");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().why == reason::throttled);
    CHECK(refused.error().retry_after == 1s);
    CHECK(directory.calls == calls);  // a throttled attempt costs no query
    clock.advance(1s);
    CHECK(verify("alice@example.test", "right password"));
}

TEST_CASE_METHOD(fixture, "an account that does not exist is slowed like one that does") {
    for (unsigned i = 0; i <= account::login_throttle::per_account.free; ++i) {
        CHECK(refusal("nobody@example.test", "wrong password") == reason::bad_credentials);
    }
    CHECK(refusal("nobody@example.test", "wrong password") == reason::throttled);
}

TEST_CASE_METHOD(fixture, "where the account was used rightly it stays usable while others guess") {
    REQUIRE(verify("alice@example.test", "right password", "192.0.2.1"));
    for (int i = 0; i < 8; ++i) static_cast<void>(verify("alice@example.test", "wrong password", "198.51.100.7"));
    CHECK(verify("alice@example.test", "right password", "198.51.100.8").error().why == reason::throttled);
    CHECK(verify("alice@example.test", "right password", "192.0.2.1"));
}

TEST_CASE_METHOD(fixture, "guesses made at the same time do not slip past the count") {
    std::vector<net::awaitable<login_result>> guesses;
    for (int i = 0; i < 40; ++i) guesses.push_back(attempt("alice@example.test", "guess number " + std::to_string(i)));
    std::size_t looked_at = 0;
    for (const auto& guess : test::run_all(loop, std::move(guesses))) {
        REQUIRE_FALSE(guess);
        looked_at += guess.error().why == reason::bad_credentials ? 1 : 0;
    }
    CHECK(looked_at == account::login_throttle::per_account.free + 1);
}

TEST_CASE_METHOD(fixture, "the same credentials from many connections at once are one check, and not one is throttled") {
    // One thread and a queue of one: a hash for each would be refused.
    account::password_hasher narrow(1, 1);
    account::password_authenticator behind(directory, app_passwords, narrow, random, clock, core::logger());
    const auto client = boost::asio::ip::make_address("192.0.2.1");
    const std::string_view password = GENERATE("right password", "wrong password");
    std::vector<net::awaitable<login_result>> connections;
    for (int i = 0; i < 100; ++i) connections.push_back(behind.verify("alice@example.test", secret(password), client));
    for (const auto& outcome : test::run_all(loop, std::move(connections))) {
        if (password == "right password") {
            CHECK(outcome);
        } else {
            CHECK(outcome.error().why == reason::bad_credentials);
        }
    }
}

TEST_CASE_METHOD(fixture, "when too many hashes wait, a login is asked to come back, and that is no failure") {
    account::password_hasher none(1, 0);
    account::password_authenticator behind(directory, app_passwords, none, random, clock, core::logger());
    const auto client = boost::asio::ip::make_address("192.0.2.1");
    for (int i = 0; i < 20; ++i) {
        const auto refused =
            test::run(loop, behind.verify("alice@example.test", secret(std::string_view("right password")), client));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().why == reason::throttled);
        CHECK(refused.error().retry_after == 1s);
        clock.advance(1s);
    }
}

}  // namespace password_authenticator_test
