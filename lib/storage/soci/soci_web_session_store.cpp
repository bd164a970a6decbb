#include "storage/soci/soci_web_session_store.hpp"

#include <algorithm>

#include "storage/soci/account_query.hpp"
#include "storage/soci/bounds.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/told_text.hpp"

namespace postern::storage {
namespace {

/// Sessions s that fulfil a condition.
class web_session_query {
public:
    web_session_query(connection& on, const std::string& condition)
        : rows_(on, "SELECT s.id, s.account_id, " + dialect::micros(on.kind(), "s.created_at") + ", " +
                        dialect::micros(on.kind(), "s.last_seen_at") + ", " + dialect::micros(on.kind(), "s.expires_at") +
                        ", s.address, s.user_agent FROM web_session s " + condition) {
        rows_.into(row_.id).into(row_.account).into(row_.created_at).into(row_.last_seen_at).into(row_.expires_at);
        rows_.into(row_.address).into(row_.user_agent);
    }

    query& parameters() { return rows_; }
    std::optional<web_session> next() { return rows_.next() ? std::optional(row_) : std::nullopt; }

private:
    web_session row_;
    query rows_;
};

/// Somebody who signs in by program and never signs out must not fill the table.
void make_room(connection& on, account_id account) {
    query(on,
          "DELETE FROM web_session WHERE account_id = :account AND id NOT IN (SELECT id FROM web_session"
          " WHERE account_id = :account ORDER BY last_seen_at DESC, id DESC LIMIT :rows)")
        .use("account", account)
        .use("rows", static_cast<std::int64_t>(web_session_store::most_sessions - 1))
        .run();
}

core::result<web_session> insert_web_session(connection& on, const new_web_session& wanted) {
    std::int64_t found = 0;
    query account(on, "SELECT 1 FROM account WHERE id = :account");
    if (!account.use("account", wanted.account).into(found).next()) {
        return core::fail(errc::not_found, "there is no such account");
    }
    make_room(on, wanted.account);
    web_session made{.id = {},
                     .account = wanted.account,
                     .created_at = wanted.created_at,
                     .last_seen_at = wanted.created_at,
                     .expires_at = wanted.expires_at,
                     .address = wanted.address,
                     .user_agent = told_text(wanted.user_agent)};
    const auto now = dialect::time(on.kind(), ":now");
    query row(on,
              "INSERT INTO web_session (account_id, token_hash, created_at, last_seen_at, expires_at, address, user_agent)"
              " VALUES (:account, " +
                  dialect::octets(on.kind(), wanted.token_hash) + ", " + now + ", " + now + ", " +
                  dialect::time(on.kind(), ":expires") + ", :address, :user_agent) RETURNING id");
    row.use("account", wanted.account).use("now", wanted.created_at).use("expires", wanted.expires_at);
    row.use("address", made.address).use("user_agent", made.user_agent).into(made.id);
    while (row.next()) continue;
    return made;
}

core::result<std::vector<web_session>> select_web_sessions(connection& on, account_id account) {
    web_session_query rows(on, "WHERE s.account_id = :account ORDER BY s.last_seen_at DESC, s.id DESC");
    rows.parameters().use("account", account);
    std::vector<web_session> all;
    while (auto row = rows.next()) all.push_back(*std::move(row));
    return all;
}

core::result<void> erase_web_session(connection& on, account_id account, web_session_id id) {
    query gone(on, "DELETE FROM web_session WHERE id = :id AND account_id = :account");
    if (gone.use("id", id).use("account", account).run() > 0) return {};
    return core::fail(errc::not_found, "there is no such session");
}

core::result<std::size_t> erase_all(connection& on, account_id account, web_session_id except) {
    query gone(on, "DELETE FROM web_session WHERE account_id = :account AND id <> :except");
    return static_cast<std::size_t>(gone.use("account", account).use("except", except).run());
}

core::result<std::optional<web_session_store::owned>> select_web_session(connection& on, const key_octets& token_hash) {
    web_session_query row(on, "WHERE s.token_hash = " + dialect::octets(on.kind(), token_hash));
    auto session = row.next();
    if (!session) return std::nullopt;
    account_query owner(on, "WHERE t.id = :id");
    owner.parameters().use("id", session->account);
    auto account = owner.next();
    if (!account) return std::nullopt;  // removed between the two looks
    return web_session_store::owned{*std::move(session), *std::move(account)};
}

core::result<std::size_t> erase_expired(connection& on, core::timestamp now, core::timestamp idle_since, std::size_t limit) {
    query gone(on, "DELETE FROM web_session WHERE id IN (SELECT id FROM web_session WHERE expires_at < " +
                       dialect::time(on.kind(), ":now") + " OR last_seen_at < " + dialect::time(on.kind(), ":idle_since") +
                       " LIMIT :rows)");
    gone.use("now", now).use("idle_since", idle_since).use("rows", static_cast<std::int64_t>(limit));
    return static_cast<std::size_t>(gone.run());
}

}  // namespace

net::awaitable<core::result<web_session>> soci_web_session_store::add(new_web_session wanted) {
    co_return co_await writes_.run([wanted = std::move(wanted)](connection& on) { return insert_web_session(on, wanted); });
}

net::awaitable<core::result<std::vector<web_session>>> soci_web_session_store::list(account_id account) {
    co_return co_await reads_.run([account](connection& on) { return select_web_sessions(on, account); });
}

net::awaitable<core::result<void>> soci_web_session_store::remove(account_id account, web_session_id id) {
    co_return co_await writes_.run([account, id](connection& on) { return erase_web_session(on, account, id); });
}

net::awaitable<core::result<std::size_t>> soci_web_session_store::remove_all(account_id account,
                                                                             std::optional<web_session_id> except) {
    const auto kept = except.value_or(web_session_id{});
    co_return co_await writes_.run([account, kept](connection& on) { return erase_all(on, account, kept); });
}

net::awaitable<core::result<std::optional<web_session_store::owned>>> soci_web_session_store::find(key_octets token_hash) {
    co_return co_await reads_.run([token_hash](connection& on) { return select_web_session(on, token_hash); });
}

net::awaitable<core::result<std::size_t>> soci_web_session_store::remove_expired(core::timestamp now,
                                                                                 core::timestamp idle_since,
                                                                                 std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_removed);
    co_return co_await writes_.run(
        [now, idle_since, most](connection& on) { return erase_expired(on, now, idle_since, most); });
}

}  // namespace postern::storage
