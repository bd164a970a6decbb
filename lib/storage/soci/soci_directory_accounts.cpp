#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "storage/soci/account_query.hpp"
#include "storage/soci/directory_rows.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_directory.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t longest_account_name = 1024;  // octets

constexpr const char* last_account =
    "it is the last enabled account: mail for postmaster would have nowhere to go (RFC 5321 4.5.1)";

core::result<std::optional<account>> select_account(connection& on, const canonical_address& address) {
    account_query rows(on, "WHERE d.name = :domain AND a.local_part = :local_part");
    rows.parameters().use("domain", address.domain).use("local_part", address.local_part);
    return rows.next();
}

core::result<std::optional<account>> select_account(connection& on, account_id id) {
    account_query rows(on, "WHERE t.id = :id");
    rows.parameters().use("id", id);
    return rows.next();
}

core::result<std::vector<account>> select_accounts(connection& on, const std::optional<std::string>& domain) {
    account_query rows(on, domain ? "WHERE d.name = :domain" : "");
    if (domain) rows.parameters().use("domain", *domain);
    std::vector<account> all;
    while (auto row = rows.next()) all.push_back(*std::move(row));
    return all;
}

core::result<account> make_account(connection& on, const new_account& wanted) {
    const auto in = find_domain_id(on, wanted.address.domain);
    if (!in) return core::fail(errc::not_found, fmt::format("there is no domain {}", wanted.address.domain));
    if (wanted.address.local_part.empty()) return core::fail(errc::refused, "an account needs a local part");
    if (auto free = require_free(on, *in, wanted.address); !free) return std::unexpected(free.error());
    return insert_account(on, *in, wanted);
}

core::result<std::optional<account>> make_first_account(connection& on, const new_account& wanted) {
    lock_directory(on);  // else two processes that start on an empty database would each find it so
    account_id other;
    if (query(on, "SELECT id FROM account LIMIT 1").into(other).next()) return std::nullopt;
    if (!find_domain_id(on, wanted.address.domain)) insert_domain(on, wanted.address.domain, wanted.created_at);
    return make_account(on, wanted);
}

core::result<void> update_hash(connection& on, account_id id, const std::string& hash) {
    query update(on, "UPDATE account SET password_hash = :hash WHERE id = :id");
    update.use("hash", hash.empty() ? std::nullopt : std::optional(hash)).use("id", id);
    if (update.run() == 0) return core::fail(errc::not_found, "there is no such account");
    return {};
}

core::result<void> update_account_name(connection& on, account_id id, const std::string& name) {
    if (name.size() > longest_account_name) return core::fail(errc::refused, "the name is too long");
    if (query(on, "UPDATE account SET name = :name WHERE id = :id").use("name", name).use("id", id).run() > 0) return {};
    return core::fail(errc::not_found, "there is no such account");
}

core::result<void> update_admin(connection& on, account_id id, bool admin) {
    query update(on, "UPDATE account SET admin = (:admin <> 0) WHERE id = :id");
    if (update.use("admin", admin).use("id", id).run() > 0) return {};
    return core::fail(errc::not_found, "there is no such account");
}

core::result<void> update_quota(connection& on, account_id id, std::optional<std::int64_t> limit) {
    if (limit && *limit < 1) return core::fail(errc::refused, "a quota is at least one octet");
    if (query(on, "UPDATE account SET quota_limit = :quota WHERE id = :id").use("quota", limit).use("id", id).run() > 0) {
        return {};
    }
    return core::fail(errc::not_found, "there is no such account");
}

core::result<void> update_disabled(connection& on, account_id id, bool disabled) {
    lock_directory(on);
    if (disabled && !has_enabled_account(on, id)) {
        const auto found = select_account(on, id);
        if (*found && !(*found)->disabled) return core::fail(errc::refused, last_account);
    }
    query update(on, "UPDATE account SET disabled = (:disabled <> 0) WHERE id = :id");
    if (update.use("disabled", disabled).use("id", id).run() == 0)
        return core::fail(errc::not_found, "there is no such account");
    return {};
}

/// Takes away the aliases that lead to this account only.
std::vector<canonical_address> delete_sole_aliases(connection& on, account_id id) {
    std::vector<canonical_address> gone;
    canonical_address row;
    query rows(on,
               "DELETE FROM address WHERE kind = 'alias' AND id IN (SELECT g.alias_id FROM alias_target g"
               " WHERE g.account_id = :id AND NOT EXISTS (SELECT 1 FROM alias_target o"
               " WHERE o.alias_id = g.alias_id AND o.account_id <> g.account_id))"
               " RETURNING local_part, (SELECT d.name FROM domain d WHERE d.id = domain_id)");
    rows.use("id", id).into(row.local_part).into(row.domain);
    while (rows.next()) gone.push_back(row);
    std::ranges::sort(gone);
    return gone;
}

core::result<std::vector<canonical_address>> remove(connection& on, account_id id) {
    lock_directory(on);
    const auto found = select_account(on, id);
    if (!*found) return core::fail(errc::not_found, "there is no such account");
    if (!(*found)->disabled && !has_enabled_account(on, id)) return core::fail(errc::refused, last_account);
    auto gone = delete_sole_aliases(on, id);
    delete_account(on, id);
    return gone;
}

}  // namespace

net::awaitable<core::result<std::optional<account>>> soci_directory::find_account(canonical_address address) {
    co_return co_await reads_.run([address = std::move(address)](connection& on) { return select_account(on, address); });
}

net::awaitable<core::result<std::optional<account>>> soci_directory::find_account(account_id id) {
    co_return co_await reads_.run([id](connection& on) { return select_account(on, id); });
}

net::awaitable<core::result<account>> soci_directory::add_account(new_account account) {
    co_return co_await writes_.run([wanted = std::move(account)](connection& on) { return make_account(on, wanted); });
}

net::awaitable<core::result<std::optional<account>>> soci_directory::add_first_account(new_account account) {
    co_return co_await writes_.run([wanted = std::move(account)](connection& on) { return make_first_account(on, wanted); });
}

net::awaitable<core::result<std::vector<account>>> soci_directory::list_accounts(std::optional<std::string> domain) {
    co_return co_await reads_.run([domain = std::move(domain)](connection& on) { return select_accounts(on, domain); });
}

net::awaitable<core::result<void>> soci_directory::set_password_hash(account_id id, std::string password_hash) {
    co_return co_await writes_.run([id, hash = std::move(password_hash)](connection& on) { return update_hash(on, id, hash); });
}

net::awaitable<core::result<void>> soci_directory::set_name(account_id id, std::string name) {
    co_return co_await writes_.run([id, name = std::move(name)](connection& on) { return update_account_name(on, id, name); });
}

net::awaitable<core::result<void>> soci_directory::set_admin(account_id id, bool admin) {
    co_return co_await writes_.run([id, admin](connection& on) { return update_admin(on, id, admin); });
}

net::awaitable<core::result<void>> soci_directory::set_quota(account_id id, std::optional<std::int64_t> limit) {
    co_return co_await writes_.run([id, limit](connection& on) { return update_quota(on, id, limit); });
}

net::awaitable<core::result<void>> soci_directory::set_disabled(account_id id, bool disabled) {
    co_return co_await writes_.run([id, disabled](connection& on) { return update_disabled(on, id, disabled); });
}

net::awaitable<core::result<std::vector<canonical_address>>> soci_directory::remove_account(account_id id) {
    co_return co_await writes_.run([id](connection& on) { return remove(on, id); });
}

}  // namespace postern::storage
