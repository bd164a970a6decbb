#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/directory_rows.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_directory.hpp"

namespace postern::storage {
namespace {

std::optional<account_id> find_target(connection& on, const canonical_address& address) {
    account_id id;
    query row(on,
              "SELECT a.id FROM address a JOIN domain d ON d.id = a.domain_id"
              " WHERE d.name = :domain AND a.local_part = :local_part AND a.kind = 'account'");
    row.use("domain", address.domain).use("local_part", address.local_part).into(id);
    return row.next() ? std::optional(id) : std::nullopt;
}

/// `wanted.targets` are sorted, each once.
core::result<alias> insert_alias(connection& on, alias wanted) {
    const auto in = find_domain_id(on, wanted.address.domain);
    if (!in) return core::fail(errc::not_found, fmt::format("there is no domain {}", wanted.address.domain));
    if (wanted.targets.empty()) return core::fail(errc::refused, "an alias needs at least one target");
    if (auto free = require_free(on, *in, wanted.address); !free) return std::unexpected(free.error());

    std::vector<account_id> targets;
    for (const auto& address : wanted.targets) {
        const auto target = find_target(on, address);
        if (!target) return core::fail(errc::not_found, fmt::format("{} is not an account", to_string(address)));
        targets.push_back(*target);
    }
    wanted.id = {insert_address(on, *in, wanted.address.local_part, "alias")};
    query(on, "INSERT INTO alias (id, created_at) VALUES (:id, " + dialect::time(on.kind(), ":now") + ")")
        .use("id", wanted.id)
        .use("now", wanted.created_at)
        .run();
    for (const auto target : targets) {
        query(on, "INSERT INTO alias_target (alias_id, account_id) VALUES (:alias, :account)")
            .use("alias", wanted.id)
            .use("account", target)
            .run();
    }
    return wanted;
}

core::result<std::vector<alias>> select_aliases(connection& on, const std::optional<std::string>& domain) {
    const auto sorted = [&on](const char* column) { return dialect::by_octets(on.kind(), column); };
    alias row;
    canonical_address target;
    query rows(on, fmt::format("SELECT l.id, a.local_part, d.name, {}, ta.local_part, td.name"
                               " FROM alias l JOIN address a ON a.id = l.id JOIN domain d ON d.id = a.domain_id"
                               " JOIN alias_target g ON g.alias_id = l.id"
                               " JOIN address ta ON ta.id = g.account_id JOIN domain td ON td.id = ta.domain_id"
                               " {} ORDER BY {}, {}, l.id, {}, {}",
                               dialect::micros(on.kind(), "l.created_at"), domain ? "WHERE d.name = :domain" : "",
                               sorted("d.name"), sorted("a.local_part"), sorted("ta.local_part"), sorted("td.name")));
    if (domain) rows.use("domain", *domain);
    rows.into(row.id).into(row.address.local_part).into(row.address.domain).into(row.created_at);
    rows.into(target.local_part).into(target.domain);
    std::vector<alias> all;
    while (rows.next()) {
        if (all.empty() || all.back().id != row.id) all.push_back(row);
        all.back().targets.push_back(target);
    }
    return all;
}

core::result<void> delete_alias(connection& on, const canonical_address& address) {
    query remove(on,
                 "DELETE FROM address WHERE kind = 'alias' AND local_part = :local_part"
                 " AND domain_id = (SELECT d.id FROM domain d WHERE d.name = :domain)");
    if (remove.use("local_part", address.local_part).use("domain", address.domain).run() == 0) {
        return core::fail(errc::not_found, fmt::format("there is no alias {}", to_string(address)));
    }
    return {};
}

}  // namespace

net::awaitable<core::result<alias>> soci_directory::add_alias(canonical_address address, std::vector<canonical_address> targets,
                                                              core::timestamp now) {
    std::ranges::sort(targets);
    targets.erase(std::ranges::unique(targets).begin(), targets.end());
    alias wanted{.id = {}, .address = std::move(address), .targets = std::move(targets), .created_at = now};
    co_return co_await writes_.run([wanted = std::move(wanted)](connection& on) { return insert_alias(on, wanted); });
}

net::awaitable<core::result<std::vector<alias>>> soci_directory::list_aliases(std::optional<std::string> domain) {
    co_return co_await reads_.run([domain = std::move(domain)](connection& on) { return select_aliases(on, domain); });
}

net::awaitable<core::result<void>> soci_directory::remove_alias(canonical_address address) {
    co_return co_await writes_.run([address = std::move(address)](connection& on) { return delete_alias(on, address); });
}

}  // namespace postern::storage
