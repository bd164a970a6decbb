#include "account/app_passwords.hpp"

#include "account/app_password.hpp"
#include "account/password.hpp"
#include "with_app_passwords.hpp"

namespace app_passwords_test {

using namespace postern;
using namespace postern::account;
using namespace std::chrono_literals;

namespace {

struct fixture : test::with_app_passwords {
    template <class T>
    core::error failure(net::awaitable<core::result<T>> task) {
        auto outcome = run(std::move(task));
        REQUIRE_FALSE(outcome);
        return outcome.error();
    }
    login_result verify(std::string login, std::string_view password) {
        return run(authenticator.verify(std::move(login), secret(password), here));
    }
};

}  // namespace

TEST_CASE_METHOD(fixture, "an app password is made, shown once, listed and removed") {
    const auto made = run(administration.add("Alice@Example.Test", "Phone")).value();
    CHECK(made.stored.name == "Phone");
    CHECK(made.stored.account == owner.id);
    CHECK(made.stored.created_at == clock.now());
    CHECK(store.rows.front().token_hash == app_password_token(made.password));
    make("Laptop");

    const auto listed = run(administration.list(alice)).value();
    REQUIRE(listed.size() == 2);
    CHECK(listed[0].name == "Laptop");
    CHECK(listed[1].name == "Phone");

    CHECK(run(administration.remove(alice, "Phone")));
    CHECK(run(administration.list(alice)).value().size() == 1);
    const auto again = failure(administration.remove(alice, "Phone"));
    CHECK(again.code == errc::not_found);
    CHECK(again.detail == "there is no app password Phone of alice@example.test");
}

TEST_CASE_METHOD(fixture, "all app passwords of an account share their salt, and each has its own keys") {
    const auto one = make("one");
    const auto two = make("two");
    const auto shared = run(store.find_scram(owner.address)).value().value();
    CHECK(shared.parameters.iterations >= 4096);
    REQUIRE(shared.keys.size() == 2);
    CHECK(shared.keys[0].stored_key == derive_scram_keys(secret(std::string_view(one)), shared.parameters).stored_key);
    CHECK(shared.keys[1].server_key == derive_scram_keys(secret(std::string_view(two)), shared.parameters).server_key);
}

TEST_CASE_METHOD(fixture, "an app password that cannot be made says why") {
    make("Phone");
    CHECK(failure(administration.add(alice, "Phone")).code == errc::already_exists);
    CHECK(failure(administration.add(alice, "")).code == errc::invalid_value);
    CHECK(failure(administration.add(alice, std::string(257, 'x'))).code == errc::invalid_value);
    CHECK(failure(administration.add(alice, "a\nb")).code == errc::invalid_value);
    CHECK(failure(administration.add(alice, "\xFF")).code == errc::invalid_value);
    CHECK(failure(administration.add("bob@example.test", "Phone")).code == errc::not_found);
    CHECK(failure(administration.add("bob", "Phone")).code == errc::invalid_address);
    for (std::size_t i = 1; i < app_passwords::max_per_account; ++i) {
        REQUIRE(run(store.add({owner.id, std::to_string(i), {}, {}, {}, {}})));
    }
    CHECK(failure(administration.add(alice, "one more")).code == errc::refused);
    store.failing = storage::errc::unavailable;
    CHECK(failure(administration.add(alice, "Phone")).code == errc::unavailable);
    CHECK(failure(administration.list(alice)).code == errc::unavailable);
}

TEST_CASE_METHOD(fixture, "an app password opens its account without an Argon2id, as often as it is used") {
    const auto phone = make("Phone");
    password_hasher none(1, 0);  // would answer busy
    password_authenticator cheap(directory, store, none, random, clock, core::logger());
    for (int i = 0; i < 3; ++i) {
        clock.advance(1min);
        const auto account = run(cheap.verify(alice, secret(std::string_view(phone)), here));
        REQUIRE(account);
        CHECK(account->id == owner.id);
        CHECK(store.uses.at(storage::app_password_id{1}) == clock.now());
    }
    auto typed = phone;
    std::erase(typed, '-');
    CHECK(run(cheap.verify(alice, secret(std::string_view(typed)), here)));
}

TEST_CASE_METHOD(fixture, "an app password opens nothing else, and nothing once it is removed") {
    const auto phone = make("Phone");
    directory.add("bob", "example.test", "");
    CHECK(verify("bob@example.test", phone).error().why == login_failure::reason::bad_credentials);
    CHECK(verify("nobody@example.test", phone).error().why == login_failure::reason::bad_credentials);
    REQUIRE(verify(alice, phone));
    owner.disabled = true;
    CHECK(verify(alice, phone).error().why == login_failure::reason::disabled);
    owner.disabled = false;
    REQUIRE(run(administration.remove(alice, "Phone")));
    CHECK(verify(alice, phone).error().why == login_failure::reason::bad_credentials);
}

TEST_CASE_METHOD(fixture, "a password that only looks like an app password is the account's own") {
    const std::string look_alike = "abcd-efgh-ijkl-mnop-qrst-uvwx-yz27";
    owner.password_hash = hash_password(secret(std::string_view(look_alike)));
    CHECK(verify(alice, look_alike));
    CHECK(verify(alice, "abcdefghijklmnopqrstuvwxyz27").error().why == login_failure::reason::bad_credentials);
}

TEST_CASE_METHOD(fixture, "an app password that is wrong counts like any password") {
    static_cast<void>(make("Phone"));
    for (int i = 0; i < 6; ++i) {
        const auto guess = "abcd-efgh-ijkl-mnop-qrst-uvwx-yz2" + std::to_string(i % 6 + 2);
        CHECK(verify(alice, guess).error().why == login_failure::reason::bad_credentials);
    }
    CHECK(verify(alice, make("Laptop")).error().why == login_failure::reason::throttled);
}

TEST_CASE_METHOD(fixture, "without a database an app password is neither right nor wrong, and nothing is counted") {
    const auto phone = make("Phone");
    store.failing = storage::errc::unavailable;
    for (int i = 0; i < 20; ++i) CHECK(verify(alice, phone).error().why == login_failure::reason::unavailable);
    store.failing.reset();
    CHECK(verify(alice, phone));
}

}  // namespace app_passwords_test
