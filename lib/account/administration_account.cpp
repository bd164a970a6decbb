#include <algorithm>
#include <utility>

#include "account/address.hpp"
#include "account/administration.hpp"
#include "account/creatable.hpp"
#include "account/password.hpp"
#include "account/storage_error.hpp"
#include "storage/errc.hpp"

namespace postern::account {

namespace {

using core::result;
using storage::to_string;

account_view view(storage::account from) {
    return {.id = from.id,
            .address = std::move(from.address),
            .name = std::move(from.name),
            .admin = from.admin,
            .disabled = from.disabled,
            .can_sign_in = !from.disabled && !from.password_hash.empty(),
            .quota_limit = from.quota_limit,
            .quota_used = from.quota_used,
            .created_at = from.created_at,
            .aliases = {}};
}

}  // namespace

net::awaitable<result<account_view>> administration::add_account(account_request request) {
    auto address = parse_address(request.address);
    if (!address) co_return std::unexpected(address.error());
    if (auto right = check_new_address(*address); !right) co_return std::unexpected(right.error());
    if (auto right = check_name(request.name); !right) co_return std::unexpected(right.error());
    if (auto right = check_quota(request.quota_limit); !right) co_return std::unexpected(right.error());
    storage::new_account wanted{.address = *address,
                                .name = std::move(request.name),
                                .admin = request.admin,
                                .password_hash = {},
                                .quota_limit = request.quota_limit,
                                .created_at = clock_.now()};
    if (request.password) {
        auto hash = co_await hash_new(std::move(*request.password));
        if (!hash) co_return std::unexpected(hash.error());
        wanted.password_hash = std::move(*hash);
    }
    auto added = co_await directory_.add_account(std::move(wanted));
    if (!added && added.error().code == storage::errc::not_found) {
        co_return core::fail(errc::not_found, "there is no domain " + address->domain + "; add it first");
    }
    if (!added) co_return from_storage(added.error(), "address " + to_string(*address));
    log_.info("account_added", {{"account", to_string(*address)}, {"admin", added->admin}});
    co_return view(std::move(*added));
}

net::awaitable<result<std::optional<account_view>>> administration::add_first_administrator(std::string address,
                                                                                            secret password) {
    auto wanted = parse_address(address);
    if (!wanted) co_return std::unexpected(wanted.error());
    if (auto right = check_new_address(*wanted); !right) co_return std::unexpected(right.error());
    const auto name = to_string(*wanted);
    // Every start but the first ends here, without the cost of a hash.
    if (co_await directory_.find_caretaker(wanted->domain)) co_return std::nullopt;
    auto hash = co_await hash_new(std::move(password));
    if (!hash) co_return std::unexpected(hash.error());
    auto added = co_await directory_.add_first_account({.address = *std::move(wanted),
                                                        .name = {},
                                                        .admin = true,
                                                        .password_hash = std::move(*hash),
                                                        .quota_limit = std::nullopt,
                                                        .created_at = clock_.now()});
    if (!added) co_return from_storage(added.error(), "address " + name);
    if (!*added) co_return std::nullopt;
    log_.info("account_added", {{"account", name}, {"admin", true}});
    co_return view(std::move(**added));
}

net::awaitable<result<std::vector<account_view>>> administration::list_accounts(std::optional<std::string> domain) {
    auto narrowed = co_await narrow(std::move(domain));
    if (!narrowed) co_return std::unexpected(narrowed.error());
    auto listed = co_await directory_.list_accounts(std::move(*narrowed));
    if (!listed) co_return from_storage(listed.error(), "account");
    std::vector<account_view> views;
    views.reserve(listed->size());
    for (auto& account : *listed) views.push_back(view(std::move(account)));
    co_return views;
}

net::awaitable<result<account_view>> administration::show_account(std::string address) {
    auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    const auto aliases = co_await directory_.list_aliases(std::nullopt);
    if (!aliases) co_return from_storage(aliases.error(), "alias");
    auto shown = view(std::move(*account));
    for (const auto& alias : *aliases) {
        if (std::ranges::find(alias.targets, shown.address) != alias.targets.end()) shown.aliases.push_back(alias.address);
    }
    co_return shown;
}

net::awaitable<result<void>> administration::set_password(std::string address, secret password) {
    const auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    auto hash = co_await hash_new(std::move(password));
    if (!hash) co_return std::unexpected(hash.error());
    const auto stored = co_await directory_.set_password_hash(account->id, std::move(*hash));
    if (!stored) co_return from_storage(stored.error(), "account " + to_string(account->address));
    log_.info("password_set", {{"account", to_string(account->address)}});
    co_return result<void>();
}

net::awaitable<result<void>> administration::set_name(std::string address, std::string name) {
    if (auto right = check_name(name); !right) co_return std::unexpected(right.error());
    const auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    const auto stored = co_await directory_.set_name(account->id, std::move(name));
    if (!stored) co_return from_storage(stored.error(), "account " + to_string(account->address));
    log_.info("account_renamed", {{"account", to_string(account->address)}});
    co_return result<void>();
}

net::awaitable<result<void>> administration::set_admin(std::string address, bool admin) {
    const auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    const auto stored = co_await directory_.set_admin(account->id, admin);
    if (!stored) co_return from_storage(stored.error(), "account " + to_string(account->address));
    log_.info("administrator_set", {{"account", to_string(account->address)}, {"admin", admin}});
    co_return result<void>();
}

net::awaitable<result<void>> administration::set_quota(std::string address, std::optional<std::int64_t> limit) {
    if (auto right = check_quota(limit); !right) co_return std::unexpected(right.error());
    const auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    const auto stored = co_await directory_.set_quota(account->id, limit);
    if (!stored) co_return from_storage(stored.error(), "account " + to_string(account->address));
    log_.info("quota_set", {{"account", to_string(account->address)}, {"limit", limit.value_or(0)}});
    co_return result<void>();
}

net::awaitable<result<void>> administration::set_disabled(std::string address, bool disabled) {
    const auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    const auto stored = co_await directory_.set_disabled(account->id, disabled);
    if (!stored) co_return from_storage(stored.error(), "account " + to_string(account->address));
    log_.info(disabled ? "account_disabled" : "account_enabled", {{"account", to_string(account->address)}});
    co_return result<void>();
}

net::awaitable<result<canonical_addresses>> administration::remove_account(std::string address) {
    const auto account = co_await find(std::move(address));
    if (!account) co_return std::unexpected(account.error());
    auto removed = co_await directory_.remove_account(account->id);
    if (!removed) co_return from_storage(removed.error(), "account " + to_string(account->address));
    log_.info("account_removed", {{"account", to_string(account->address)}, {"aliases_removed", removed->size()}});
    co_return std::move(*removed);
}

net::awaitable<result<storage::account>> administration::find(std::string address) {
    const auto wanted = parse_address(address);
    if (!wanted) co_return std::unexpected(wanted.error());
    const auto name = to_string(*wanted);
    auto found = co_await directory_.find_account(*wanted);
    if (!found) co_return from_storage(found.error(), "account " + name);
    if (!*found) co_return core::fail(errc::not_found, "there is no account " + name);
    co_return std::move(**found);
}

net::awaitable<result<std::string>> administration::hash_new(secret password) {
    auto checked = check_new_password(password.reveal());
    if (!checked) co_return std::unexpected(checked.error());
    co_return co_await hasher_.hash(std::move(*checked));
}

}  // namespace postern::account
