#include "storage/soci/soci_app_password_store.hpp"

#include <fmt/format.h>

#include "storage/soci/account_query.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/octet_columns.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

std::unexpected<core::error> no_account() { return core::fail(errc::not_found, "there is no such account"); }

core::result<scram_parameters> keep_or_set(connection& on, account_id account, const scram_parameters& proposed) {
    std::string salt;
    std::int64_t iterations = 0;
    query row(on, "UPDATE account SET scram_salt = COALESCE(scram_salt, " + dialect::octets(on.kind(), proposed.salt) +
                      "), scram_iterations = COALESCE(scram_iterations, :iterations) WHERE id = :account RETURNING " +
                      dialect::hex(on.kind(), "scram_salt") + ", scram_iterations");
    row.use("iterations", std::int64_t{proposed.iterations}).use("account", account).into(salt).into(iterations);
    if (!row.next()) return no_account();
    while (row.next()) continue;
    return scram_parameters{octets_from_hex<16>(salt), static_cast<std::int32_t>(iterations)};
}

core::result<app_password> insert_app_password(connection& on, const new_app_password& wanted) {
    std::int64_t found = 0;
    query account(on, "SELECT 1 FROM account WHERE id = :account");
    if (!account.use("account", wanted.account).into(found).next()) return no_account();
    query same(on, "SELECT 1 FROM app_password WHERE account_id = :account AND name = :name");
    if (same.use("account", wanted.account).use("name", wanted.name).into(found).next()) {
        return core::fail(errc::already_exists, fmt::format("there is an app password {} already", wanted.name));
    }
    app_password made{
        .id = {}, .account = wanted.account, .name = wanted.name, .created_at = wanted.created_at, .last_used_at = {}};
    query row(on,
              "INSERT INTO app_password (account_id, name, token_hash, scram_stored_key, scram_server_key, created_at) VALUES "
              "(:account, :name, " +
                  dialect::octets(on.kind(), wanted.token_hash) + ", " + dialect::octets(on.kind(), wanted.stored_key) + ", " +
                  dialect::octets(on.kind(), wanted.server_key) + ", " + dialect::time(on.kind(), ":now") + ") RETURNING id");
    row.use("account", wanted.account).use("name", wanted.name).use("now", wanted.created_at).into(made.id);
    while (row.next()) continue;
    return made;
}

/// App passwords p that fulfil a condition.
class app_password_query {
public:
    app_password_query(connection& on, const std::string& condition)
        : rows_(on, "SELECT p.id, p.account_id, p.name, " + dialect::micros(on.kind(), "p.created_at") + ", " +
                        dialect::micros(on.kind(), "p.last_used_at") + " FROM app_password p " + condition) {
        rows_.into(row_.id).into(row_.account).into(row_.name).into(row_.created_at).into(row_.last_used_at);
    }

    query& parameters() { return rows_; }
    std::optional<app_password> next() { return rows_.next() ? std::optional(row_) : std::nullopt; }

private:
    app_password row_;
    query rows_;
};

core::result<std::vector<app_password>> select_app_passwords(connection& on, account_id account) {
    app_password_query rows(on, "WHERE p.account_id = :account ORDER BY " + dialect::by_octets(on.kind(), "p.name"));
    rows.parameters().use("account", account);
    std::vector<app_password> all;
    while (auto row = rows.next()) all.push_back(*std::move(row));
    return all;
}

core::result<void> erase_app_password(connection& on, account_id account, app_password_id id) {
    query gone(on, "DELETE FROM app_password WHERE id = :id AND account_id = :account");
    if (gone.use("id", id).use("account", account).run() > 0) return {};
    return core::fail(errc::not_found, "there is no such app password");
}

core::result<std::optional<app_password_store::owned>> select_by_token(connection& on, const key_octets& token_hash) {
    app_password_query row(on, "WHERE p.token_hash = " + dialect::octets(on.kind(), token_hash));
    auto password = row.next();
    if (!password) return std::nullopt;
    account_query owner(on, "WHERE t.id = :id");
    owner.parameters().use("id", password->account);
    auto account = owner.next();
    if (!account) return std::nullopt;  // removed between the two looks
    return app_password_store::owned{*std::move(password), *std::move(account)};
}

core::result<std::optional<scram_credentials>> select_scram(connection& on, const canonical_address& login) {
    scram_credentials found;
    std::string salt;
    std::int64_t iterations = 0;
    query account(on,
                  "SELECT t.id, CAST(t.disabled AS integer), " + dialect::hex(on.kind(), "t.scram_salt") +
                      ", t.scram_iterations FROM account t JOIN address a ON a.id = t.id JOIN domain d ON d.id = a.domain_id"
                      " WHERE d.name = :domain AND a.local_part = :local_part AND t.scram_salt IS NOT NULL");
    account.use("domain", login.domain).use("local_part", login.local_part);
    account.into(found.account).into(found.disabled).into(salt).into(iterations);
    if (!account.next()) return std::nullopt;
    found.parameters = {octets_from_hex<16>(salt), static_cast<std::int32_t>(iterations)};

    app_password_id id;
    std::string stored_key;
    std::string server_key;
    query keys(on, "SELECT id, " + dialect::hex(on.kind(), "scram_stored_key") + ", " +
                       dialect::hex(on.kind(), "scram_server_key") +
                       " FROM app_password WHERE account_id = :account ORDER BY id");
    keys.use("account", found.account).into(id).into(stored_key).into(server_key);
    while (keys.next()) found.keys.push_back({id, octets_from_hex<32>(stored_key), octets_from_hex<32>(server_key)});
    return found;
}

}  // namespace

net::awaitable<core::result<scram_parameters>> soci_app_password_store::establish_scram(account_id account,
                                                                                        scram_parameters proposed) {
    co_return co_await writes_.run([account, proposed](connection& on) { return keep_or_set(on, account, proposed); });
}

net::awaitable<core::result<app_password>> soci_app_password_store::add(new_app_password wanted) {
    co_return co_await writes_.run([wanted = std::move(wanted)](connection& on) { return insert_app_password(on, wanted); });
}

net::awaitable<core::result<std::vector<app_password>>> soci_app_password_store::list(account_id account) {
    co_return co_await reads_.run([account](connection& on) { return select_app_passwords(on, account); });
}

net::awaitable<core::result<void>> soci_app_password_store::remove(account_id account, app_password_id id) {
    co_return co_await writes_.run([account, id](connection& on) { return erase_app_password(on, account, id); });
}

net::awaitable<core::result<std::optional<app_password_store::owned>>> soci_app_password_store::find(key_octets token_hash) {
    co_return co_await reads_.run([token_hash](connection& on) { return select_by_token(on, token_hash); });
}

net::awaitable<core::result<std::optional<scram_credentials>>> soci_app_password_store::find_scram(canonical_address login) {
    co_return co_await reads_.run([login = std::move(login)](connection& on) { return select_scram(on, login); });
}

}  // namespace postern::storage
