#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/directory.hpp"
#include "storage/errc.hpp"

namespace postern::test {

/// A directory that lives in memory: the rules the account module relies on, with failures on demand.
/// The contract itself is tested on the databases (test/integration/storage).
class memory_directory final : public storage::directory {
public:
    using account = storage::account;
    using address = storage::canonical_address;
    template <class T>
    using answer = net::awaitable<core::result<T>>;

    std::optional<storage::errc> failing;  ///< what every call answers
    std::size_t calls = 0;
    std::vector<std::string> domains;
    std::map<address, account> accounts;
    std::map<address, storage::alias> aliases;

    account& add(const std::string& local_part, const std::string& domain, std::string password_hash = "hash") {
        account made;
        made.id = storage::account_id{++last_id_};
        made.address = {local_part, domain};
        made.password_hash = std::move(password_hash);
        return accounts[made.address] = made;
    }
    void alias(const std::string& local_part, const std::string& domain, std::vector<address> targets) {
        aliases[{local_part, domain}] = {storage::alias_id{++last_id_}, {local_part, domain}, std::move(targets), {}};
    }

    answer<storage::route_answer> find_routes(std::string domain, std::vector<std::string> local_parts) override {
        ++calls;
        if (failing) co_return core::fail(*failing);
        storage::route_answer found;
        found.domain_known = std::ranges::find(domains, domain) != domains.end();
        for (const auto& local_part : local_parts) {
            const address asked{local_part, domain};
            if (const auto a = accounts.find(asked); a != accounts.end()) {
                found.routes.push_back({asked, false, {destination(a->second)}});
            } else if (const auto b = aliases.find(asked); b != aliases.end()) {
                storage::route route{asked, true, {}};
                for (const auto& target : b->second.targets) route.destinations.push_back(destination(accounts.at(target)));
                found.routes.push_back(std::move(route));
            }
        }
        co_return found;
    }

    answer<storage::route::destination> find_caretaker(std::string domain) override {
        ++calls;
        if (failing) co_return core::fail(*failing);
        const account* best = nullptr;
        const auto rank = [&](const account& a) {
            return (a.password_hash.empty() ? 0 : 4) + (a.admin ? 2 : 0) + (a.address.domain == domain ? 1 : 0);
        };
        for (const auto& [_, a] : accounts) {
            if (!a.disabled && (best == nullptr || rank(a) > rank(*best))) best = &a;
        }
        if (best == nullptr) co_return core::fail(storage::errc::not_found);
        co_return destination(*best);
    }

    answer<std::optional<account>> find_account(address wanted) override {
        ++calls;
        if (failing) co_return core::fail(*failing);
        const auto at = accounts.find(wanted);
        co_return at == accounts.end() ? std::nullopt : std::optional(at->second);
    }
    answer<std::optional<account>> find_account(storage::account_id id) override {
        const auto at = by_id(id);
        co_return at == accounts.end() ? std::nullopt : std::optional(at->second);
    }

    answer<storage::domain> add_domain(std::string name, core::timestamp now) override {
        if (failing) co_return core::fail(*failing);
        if (std::ranges::find(domains, name) != domains.end()) co_return core::fail(storage::errc::already_exists);
        domains.push_back(name);
        co_return storage::domain{storage::domain_id{++last_id_}, name, now, 0, 0};
    }
    answer<std::vector<storage::domain>> list_domains() override {
        std::vector<storage::domain> all;
        for (const auto& name : domains) all.push_back({storage::domain_id{1}, name, {}, 0, 0});
        co_return all;
    }
    answer<void> remove_domain(std::string name) override {
        if (std::erase(domains, name) == 0) co_return core::fail(storage::errc::not_found);
        co_return core::result<void>();
    }

    answer<account> add_account(storage::new_account wanted) override {
        if (failing) co_return core::fail(*failing);
        if (std::ranges::find(domains, wanted.address.domain) == domains.end()) co_return core::fail(storage::errc::not_found);
        if (taken(wanted.address)) co_return core::fail(storage::errc::already_exists);
        auto& made = add(wanted.address.local_part, wanted.address.domain, wanted.password_hash);
        made.name = wanted.name;
        made.admin = wanted.admin;
        made.quota_limit = wanted.quota_limit;
        made.created_at = wanted.created_at;
        co_return made;
    }
    answer<std::optional<account>> add_first_account(storage::new_account wanted) override {
        if (failing) co_return core::fail(*failing);
        if (!accounts.empty()) co_return std::nullopt;
        if (std::ranges::find(domains, wanted.address.domain) == domains.end()) domains.push_back(wanted.address.domain);
        co_return co_await add_account(std::move(wanted));
    }
    answer<std::vector<account>> list_accounts(std::optional<std::string> domain) override {
        std::vector<account> all;
        for (const auto& [at, a] : accounts) {
            if (!domain || at.domain == *domain) all.push_back(a);
        }
        co_return all;
    }
    answer<void> set_password_hash(storage::account_id id, std::string password_hash) override {
        by_id(id)->second.password_hash = std::move(password_hash);
        co_return core::result<void>();
    }
    answer<void> set_name(storage::account_id id, std::string name) override {
        by_id(id)->second.name = std::move(name);
        co_return core::result<void>();
    }
    answer<void> set_admin(storage::account_id id, bool admin) override {
        by_id(id)->second.admin = admin;
        co_return core::result<void>();
    }
    answer<void> set_quota(storage::account_id id, std::optional<std::int64_t> limit) override {
        by_id(id)->second.quota_limit = limit;
        co_return core::result<void>();
    }
    answer<void> set_disabled(storage::account_id id, bool disabled) override {
        if (disabled && accounts.size() == 1) co_return core::fail(storage::errc::refused, "it is the last enabled account");
        by_id(id)->second.disabled = disabled;
        co_return core::result<void>();
    }
    answer<std::vector<address>> remove_account(storage::account_id id) override {
        accounts.erase(by_id(id));
        co_return std::vector<address>{};
    }

    answer<storage::alias> add_alias(address wanted, std::vector<address> targets, core::timestamp now) override {
        if (failing) co_return core::fail(*failing);
        if (taken(wanted)) co_return core::fail(storage::errc::already_exists);
        alias(wanted.local_part, wanted.domain, std::move(targets));
        aliases[wanted].created_at = now;
        co_return aliases[wanted];
    }
    answer<std::vector<storage::alias>> list_aliases(std::optional<std::string> domain) override {
        std::vector<storage::alias> all;
        for (const auto& [at, a] : aliases) {
            if (!domain || at.domain == *domain) all.push_back(a);
        }
        co_return all;
    }
    answer<void> remove_alias(address wanted) override {
        if (aliases.erase(wanted) == 0) co_return core::fail(storage::errc::not_found);
        co_return core::result<void>();
    }

private:
    [[nodiscard]] bool taken(const address& a) const { return accounts.contains(a) || aliases.contains(a); }
    std::map<address, account>::iterator by_id(storage::account_id id) {
        return std::ranges::find_if(accounts, [id](const auto& entry) { return entry.second.id == id; });
    }
    static storage::route::destination destination(const account& a) {
        return {a.id, a.address, a.disabled, !a.password_hash.empty(), a.admin, a.quota_limit, a.quota_used};
    }

    std::int64_t last_id_ = 0;
};

}  // namespace postern::test
