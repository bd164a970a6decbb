#include "storage/soci/soci_api_token_store.hpp"

#include <fmt/format.h>

#include "storage/soci/account_query.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

std::string to_column(const token_scopes& scopes) {
    std::string words;
    for (const auto& [granted, word] : {std::pair(scopes.read, "read"), {scopes.send, "send"}, {scopes.admin, "admin"}}) {
        if (!granted) continue;
        if (!words.empty()) words += ' ';
        words += word;
    }
    return words;
}

token_scopes scopes_from_column(const std::string& words) {
    const auto has = [spaced = ' ' + words + ' '](const char* word) { return spaced.find(word) != std::string::npos; };
    return {.read = has(" read "), .send = has(" send "), .admin = has(" admin ")};
}

/// Tokens p that fulfil a condition.
class api_token_query {
public:
    api_token_query(connection& on, const std::string& condition)
        : rows_(on, "SELECT p.id, p.account_id, p.name, p.scopes, " + dialect::micros(on.kind(), "p.created_at") + ", " +
                        dialect::micros(on.kind(), "p.expires_at") + ", " + dialect::micros(on.kind(), "p.last_used_at") +
                        " FROM api_token p " + condition) {
        rows_.into(row_.id).into(row_.account).into(row_.name).into(scopes_).into(row_.created_at).into(row_.expires_at);
        rows_.into(row_.last_used_at);
    }

    query& parameters() { return rows_; }

    std::optional<api_token> next() {
        if (!rows_.next()) return std::nullopt;
        row_.scopes = scopes_from_column(scopes_);
        return row_;
    }

private:
    api_token row_;
    std::string scopes_;
    query rows_;
};

core::result<api_token> insert_token(connection& on, const new_api_token& wanted) {
    std::int64_t tokens = 0;
    query account(on, "SELECT (SELECT count(*) FROM api_token WHERE account_id = a.id) FROM account a WHERE a.id = :account");
    if (!account.use("account", wanted.account).into(tokens).next()) {
        return core::fail(errc::not_found, "there is no such account");
    }
    if (tokens >= static_cast<std::int64_t>(api_token_store::most_tokens)) {
        return core::fail(errc::refused, fmt::format("there are {} API tokens already: remove some", tokens));
    }
    std::int64_t found = 0;
    query same(on, "SELECT 1 FROM api_token WHERE account_id = :account AND name = :name");
    if (same.use("account", wanted.account).use("name", wanted.name).into(found).next()) {
        return core::fail(errc::already_exists, fmt::format("there is an API token {} already", wanted.name));
    }
    api_token made{.id = {},
                   .account = wanted.account,
                   .name = wanted.name,
                   .scopes = wanted.scopes,
                   .created_at = wanted.created_at,
                   .expires_at = wanted.expires_at,
                   .last_used_at = {}};
    const auto expires =
        wanted.expires_at ? std::optional<std::int64_t>(wanted.expires_at->time_since_epoch().count()) : std::nullopt;
    query row(on,
              "INSERT INTO api_token (account_id, name, token_hash, scopes, created_at, expires_at) VALUES (:account, :name, " +
                  dialect::octets(on.kind(), wanted.token_hash) + ", :scopes, " + dialect::time(on.kind(), ":now") + ", " +
                  dialect::time(on.kind(), ":expires") + ") RETURNING id");
    row.use("account", wanted.account).use("name", wanted.name).use("scopes", to_column(wanted.scopes));
    row.use("now", wanted.created_at).use("expires", expires).into(made.id);
    while (row.next()) continue;
    return made;
}

core::result<std::vector<api_token>> select_tokens(connection& on, account_id account) {
    api_token_query rows(on, "WHERE p.account_id = :account ORDER BY " + dialect::by_octets(on.kind(), "p.name"));
    rows.parameters().use("account", account);
    std::vector<api_token> all;
    while (auto row = rows.next()) all.push_back(*std::move(row));
    return all;
}

core::result<void> erase_token(connection& on, account_id account, api_token_id id) {
    query gone(on, "DELETE FROM api_token WHERE id = :id AND account_id = :account");
    if (gone.use("id", id).use("account", account).run() > 0) return {};
    return core::fail(errc::not_found, "there is no such API token");
}

core::result<std::optional<api_token_store::owned>> select_token(connection& on, const key_octets& token_hash) {
    api_token_query row(on, "WHERE p.token_hash = " + dialect::octets(on.kind(), token_hash));
    auto token = row.next();
    if (!token) return std::nullopt;
    account_query owner(on, "WHERE t.id = :id");
    owner.parameters().use("id", token->account);
    auto account = owner.next();
    if (!account) return std::nullopt;  // removed between the two looks
    return api_token_store::owned{*std::move(token), *std::move(account)};
}

}  // namespace

net::awaitable<core::result<api_token>> soci_api_token_store::add(new_api_token wanted) {
    co_return co_await writes_.run([wanted = std::move(wanted)](connection& on) { return insert_token(on, wanted); });
}

net::awaitable<core::result<std::vector<api_token>>> soci_api_token_store::list(account_id account) {
    co_return co_await reads_.run([account](connection& on) { return select_tokens(on, account); });
}

net::awaitable<core::result<void>> soci_api_token_store::remove(account_id account, api_token_id id) {
    co_return co_await writes_.run([account, id](connection& on) { return erase_token(on, account, id); });
}

net::awaitable<core::result<std::optional<api_token_store::owned>>> soci_api_token_store::find(key_octets token_hash) {
    co_return co_await reads_.run([token_hash](connection& on) { return select_token(on, token_hash); });
}

}  // namespace postern::storage
