#include "account/app_passwords.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "account/address.hpp"
#include "account/app_password.hpp"
#include "account/creatable.hpp"
#include "account/storage_error.hpp"

namespace postern::account {

namespace {

using core::result;
using storage::to_string;

result<void> check_device_name(const std::string& name) {
    if (name.empty()) return core::fail(errc::invalid_value, "an app password needs a name, such as the device it is for");
    if (name.size() > app_passwords::max_name) return core::fail(errc::invalid_value, "the name is longer than 256 octets");
    return check_name(name);
}

}  // namespace

app_passwords::app_passwords(storage::directory& directory, storage::app_password_store& store, password_hasher& hasher,
                             core::random_source& random, const core::clock& clock, core::logger log)
    : directory_(directory), store_(store), hasher_(hasher), random_(random), clock_(clock), log_(log.module("account")) {}

net::awaitable<result<made_app_password>> app_passwords::add(std::string address, std::string name) {
    if (const auto right = check_device_name(name); !right) co_return std::unexpected(right.error());
    const auto owner = co_await find(std::move(address));
    if (!owner) co_return std::unexpected(owner.error());
    const auto account = to_string(owner->address);
    if (owner->passwords.size() >= max_per_account) {
        co_return core::fail(errc::refused, account + " has " + std::to_string(owner->passwords.size()) +
                                                " app passwords already; remove those no longer in use");
    }
    auto password = generate_app_password(random_);
    const auto keys = co_await derive(owner->account, secret(password.reveal()));
    if (!keys) co_return std::unexpected(keys.error());
    auto stored = co_await store_.add({.account = owner->account,
                                       .name = name,
                                       .token_hash = app_password_token(password).value(),
                                       .stored_key = keys->stored_key,
                                       .server_key = keys->server_key,
                                       .created_at = clock_.now()});
    if (!stored) co_return from_storage(stored.error(), "app password " + name + " of " + account);
    log_.info("app_password_added", {{"account", account}, {"name", name}});
    co_return made_app_password{std::move(*stored), std::move(password)};
}

/// RFC 5802 5: a client is told one salt before the server knows which of the passwords it has, so it is the account's.
net::awaitable<result<scram_keys>> app_passwords::derive(storage::account_id account, secret password) {
    storage::scram_parameters proposed{.salt = {}, .iterations = scram_iterations};
    random_.fill(std::as_writable_bytes(std::span(proposed.salt)));
    const auto parameters = co_await store_.establish_scram(account, proposed);
    if (!parameters) co_return from_storage(parameters.error(), "such account");
    co_return co_await hasher_.derive(std::move(password), *parameters);
}

net::awaitable<result<std::vector<storage::app_password>>> app_passwords::list(std::string address) {
    auto owner = co_await find(std::move(address));
    if (!owner) co_return std::unexpected(owner.error());
    co_return std::move(owner->passwords);
}

net::awaitable<result<void>> app_passwords::remove(std::string address, std::string name) {
    const auto owner = co_await find(std::move(address));
    if (!owner) co_return std::unexpected(owner.error());
    const auto what = "app password " + name + " of " + to_string(owner->address);
    const auto known = std::ranges::find(owner->passwords, name, &storage::app_password::name);
    if (known == owner->passwords.end()) co_return core::fail(errc::not_found, "there is no " + what);
    const auto removed = co_await store_.remove(owner->account, known->id);
    if (!removed) co_return from_storage(removed.error(), what);
    log_.info("app_password_removed", {{"account", to_string(owner->address)}, {"name", name}});
    co_return result<void>();
}

net::awaitable<result<app_passwords::owned>> app_passwords::find(std::string address) {
    const auto wanted = parse_address(address);
    if (!wanted) co_return std::unexpected(wanted.error());
    const auto name = to_string(*wanted);
    const auto account = co_await directory_.find_account(*wanted);
    if (!account) co_return from_storage(account.error(), "account " + name);
    if (!*account) co_return core::fail(errc::not_found, "there is no account " + name);
    auto passwords = co_await store_.list((*account)->id);
    if (!passwords) co_return from_storage(passwords.error(), "account " + name);
    co_return owned{*wanted, (*account)->id, std::move(*passwords)};
}

}  // namespace postern::account
