#include <vector>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/directory_rows.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_directory.hpp"

namespace postern::storage {
namespace {

core::result<domain> make_domain(connection& on, const std::string& name, core::timestamp now) {
    lock_directory(on);
    if (find_domain_id(on, name)) return core::fail(errc::already_exists, fmt::format("the domain {} exists already", name));
    auto made = insert_domain(on, name, now);
    if (!has_enabled_account(on, {})) {
        new_account placeholder;
        placeholder.address = {"postmaster", name};
        placeholder.created_at = now;
        insert_account(on, made.id, placeholder);
        made.accounts = 1;
    }
    return made;
}

core::result<std::vector<domain>> select_domains(connection& on) {
    std::vector<domain> all;
    domain row;
    query rows(on, "SELECT d.id, d.name, " + dialect::micros(on.kind(), "d.created_at") +
                       ", (SELECT count(*) FROM address a WHERE a.domain_id = d.id AND a.kind = 'account')"
                       ", (SELECT count(*) FROM address a WHERE a.domain_id = d.id AND a.kind = 'alias')"
                       " FROM domain d ORDER BY " +
                       dialect::by_octets(on.kind(), "d.name"));
    rows.into(row.id).into(row.name).into(row.created_at).into(row.accounts).into(row.aliases);
    while (rows.next()) all.push_back(row);
    return all;
}

/// The account add_domain made, if nobody ever gave it a password, mail, rights or an alias.
std::optional<account_id> find_unused_placeholder(connection& on, domain_id in) {
    account_id id;
    query row(
        on,
        "SELECT t.id FROM account t JOIN address a ON a.id = t.id"
        " WHERE a.domain_id = :domain AND a.local_part = 'postmaster' AND t.password_hash IS NULL AND NOT t.admin"
        " AND NOT EXISTS (SELECT 1 FROM alias_target g WHERE g.account_id = t.id)"
        " AND NOT EXISTS (SELECT 1 FROM mailbox b JOIN mailbox_message e ON e.mailbox_id = b.id WHERE b.account_id = t.id)");
    return row.use("domain", in).into(id).next() ? std::optional(id) : std::nullopt;
}

std::int64_t count_addresses(connection& on, domain_id in, const std::string& kind) {
    std::int64_t count = 0;
    query row(on, "SELECT count(*) FROM address WHERE domain_id = :domain AND kind = :kind");
    row.use("domain", in).use("kind", kind).into(count).next();
    return count;
}

core::result<void> delete_domain(connection& on, const std::string& name) {
    lock_directory(on);
    const auto id = find_domain_id(on, name);
    if (!id) return core::fail(errc::not_found, fmt::format("there is no domain {}", name));

    const auto placeholder = find_unused_placeholder(on, *id);
    const auto accounts = count_addresses(on, *id, "account");
    const auto aliases = count_addresses(on, *id, "alias");
    if (accounts > (placeholder ? 1 : 0) || aliases > 0) {
        return core::fail(errc::refused,
                          fmt::format("the domain {} still has {} accounts and {} aliases", name, accounts, aliases));
    }
    if (placeholder) {
        lock_account(on, *placeholder);  // from here no mail reaches it; what came before must be seen
        if (!find_unused_placeholder(on, *id)) {
            return core::fail(errc::refused, fmt::format("mail has just arrived for postmaster@{}", name));
        }
        std::int64_t others = 0;
        query(on, "SELECT count(*) FROM domain WHERE id <> :id").use("id", *id).into(others).next();
        if (others > 0 && !has_enabled_account(on, *placeholder)) {
            return core::fail(errc::refused,
                              fmt::format("postmaster@{} is the last enabled account and takes the mail for the other "
                                          "domains' postmaster: add an account first",
                                          name));
        }
        delete_account(on, *placeholder);
    }
    query(on, "DELETE FROM domain WHERE id = :id").use("id", *id).run();
    return {};
}

}  // namespace

net::awaitable<core::result<domain>> soci_directory::add_domain(std::string name, core::timestamp now) {
    co_return co_await writes_.run([name = std::move(name), now](connection& on) { return make_domain(on, name, now); });
}

net::awaitable<core::result<std::vector<domain>>> soci_directory::list_domains() {
    co_return co_await reads_.run(select_domains);
}

net::awaitable<core::result<void>> soci_directory::remove_domain(std::string name) {
    co_return co_await writes_.run([name = std::move(name)](connection& on) { return delete_domain(on, name); });
}

}  // namespace postern::storage
