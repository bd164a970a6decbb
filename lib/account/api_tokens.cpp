#include "account/api_tokens.hpp"

#include <utility>

#include "account/creatable.hpp"
#include "account/storage_error.hpp"
#include "account/token.hpp"

namespace postern::account {

using core::result;
using storage::to_string;

api_tokens::api_tokens(storage::api_token_store& store, core::random_source& random, const core::clock& clock, core::logger log)
    : store_(store), random_(random), clock_(clock), log_(log.module("account")) {}

net::awaitable<result<made_api_token>> api_tokens::add(storage::account owner, std::string name, storage::token_scopes scopes,
                                                       std::optional<core::timestamp> expires_at) {
    if (name.empty()) co_return core::fail(errc::invalid_value, "a token needs a name, such as the program it is for");
    if (name.size() > max_name) co_return core::fail(errc::invalid_value, "the name is longer than 256 octets");
    if (const auto right = check_name(name); !right) co_return std::unexpected(right.error());
    if (scopes == storage::token_scopes{}) co_return core::fail(errc::invalid_value, "a token needs a scope at least");
    if (scopes.admin && !owner.admin) co_return core::fail(errc::refused, "the scope admin is for administrators only");
    const auto now = clock_.now();
    if (expires_at && *expires_at <= now) co_return core::fail(errc::invalid_value, "the token would have expired already");
    auto token = generate_token(random_, prefix);
    auto stored = co_await store_.add({.account = owner.id,
                                       .name = name,
                                       .token_hash = token_hash(token.reveal(), prefix).value(),
                                       .scopes = scopes,
                                       .created_at = now,
                                       .expires_at = expires_at});
    const auto account = to_string(owner.address);
    if (!stored) co_return from_storage(stored.error(), "token " + name + " of " + account);
    log_.info("api_token_added", {{"account", account}, {"name", name}});
    co_return made_api_token{std::move(*stored), std::move(token)};
}

net::awaitable<result<std::vector<storage::api_token>>> api_tokens::list(storage::account_id account) {
    auto found = co_await store_.list(account);
    if (!found) co_return from_storage(found.error(), "such account");
    co_return std::move(*found);
}

net::awaitable<result<void>> api_tokens::remove(storage::account owner, storage::api_token_id id) {
    const auto removed = co_await store_.remove(owner.id, id);
    if (!removed) co_return from_storage(removed.error(), "such token");
    log_.info("api_token_removed", {{"account", to_string(owner.address)}, {"id", core::to_string(id)}});
    co_return result<void>();
}

net::awaitable<result<std::optional<storage::api_token_store::owned>>> api_tokens::verify(secret token) {
    using owned = storage::api_token_store::owned;
    const auto hash = token_hash(token.reveal(), prefix);
    if (!hash) co_return std::optional<owned>();
    auto found = co_await store_.find(*hash);
    if (!found) co_return from_storage(found.error(), "such token");
    if (!*found) co_return std::optional<owned>();
    const auto& [stored, account] = **found;
    const auto now = clock_.now();
    if ((stored.expires_at && *stored.expires_at <= now) || account.disabled) co_return std::optional<owned>();
    store_.used(stored.id, now);
    co_return std::move(*found);
}

}  // namespace postern::account
