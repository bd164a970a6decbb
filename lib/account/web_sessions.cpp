#include "account/web_sessions.hpp"

#include <utility>

#include "account/storage_error.hpp"
#include "account/token.hpp"

namespace postern::account {

namespace {

using core::result;
using storage::to_string;

constexpr std::string_view prefix = "ps_";
constexpr std::size_t swept_at_once = 100;

std::string csrf_token_of(const secret& cookie) { return derived_text(cookie.reveal(), "csrf"); }

}  // namespace

web_sessions::web_sessions(storage::web_session_store& store, core::random_source& random, const core::clock& clock,
                           session_times times, core::logger log)
    : store_(store), random_(random), clock_(clock), times_(times), log_(log.module("account")) {}

net::awaitable<result<web_sessions::begun>> web_sessions::begin(storage::account owner, std::string address,
                                                                std::string user_agent) {
    const auto now = clock_.now();
    // Each that comes takes some of those with it that have ended, so that they cannot pile up.
    if (const auto swept = co_await store_.remove_expired(now, now - times_.idle, swept_at_once); !swept) {
        log_.warning("sessions not swept", {{"reason", swept.error().message()}});
    }
    auto cookie = generate_token(random_, prefix);
    auto stored = co_await store_.add({.account = owner.id,
                                       .token_hash = token_hash(cookie.reveal(), prefix).value(),
                                       .created_at = now,
                                       .expires_at = now + times_.lifetime,
                                       .address = address,
                                       .user_agent = std::move(user_agent)});
    if (!stored) co_return from_storage(stored.error(), "account " + to_string(owner.address));
    log_.info("session_begun", {{"account", to_string(owner.address)}, {"client", address}});
    auto csrf_token = csrf_token_of(cookie);
    co_return begun{{std::move(*stored), std::move(owner), std::move(csrf_token)}, std::move(cookie)};
}

net::awaitable<result<std::optional<open_session>>> web_sessions::find(secret cookie) {
    const auto hash = token_hash(cookie.reveal(), prefix);
    if (!hash) co_return std::optional<open_session>();
    auto found = co_await store_.find(*hash);
    if (!found) co_return from_storage(found.error(), "such session");
    const auto now = clock_.now();
    if (!*found || has_ended((*found)->session, now) || (*found)->account.disabled) co_return std::optional<open_session>();
    store_.seen((*found)->session.id, now);
    co_return open_session{std::move((*found)->session), std::move((*found)->account), csrf_token_of(cookie)};
}

net::awaitable<result<std::vector<storage::web_session>>> web_sessions::list(storage::account_id account) {
    auto found = co_await store_.list(account);
    if (!found) co_return from_storage(found.error(), "such account");
    std::erase_if(*found, [this, now = clock_.now()](const storage::web_session& s) { return has_ended(s, now); });
    co_return std::move(*found);
}

net::awaitable<result<void>> web_sessions::end(storage::account owner, storage::web_session_id id) {
    const auto ended = co_await store_.remove(owner.id, id);
    if (!ended) co_return from_storage(ended.error(), "such session");
    log_.info("session_ended", {{"account", to_string(owner.address)}});
    co_return result<void>();
}

net::awaitable<result<std::size_t>> web_sessions::end_all(storage::account owner,
                                                          std::optional<storage::web_session_id> except) {
    const auto ended = co_await store_.remove_all(owner.id, except);
    if (!ended) co_return from_storage(ended.error(), "such account");
    log_.info("sessions_ended", {{"account", to_string(owner.address)}, {"count", *ended}});
    co_return *ended;
}

bool web_sessions::has_ended(const storage::web_session& s, core::timestamp now) const {
    return now >= s.expires_at || now >= s.last_seen_at + times_.idle;
}

}  // namespace postern::account
