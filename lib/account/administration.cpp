#include "account/administration.hpp"

#include <algorithm>
#include <utility>

#include "account/address.hpp"
#include "account/creatable.hpp"
#include "account/storage_error.hpp"
#include "storage/errc.hpp"

namespace postern::account {

namespace {

using core::result;
using storage::canonical_address;
using storage::to_string;

constexpr std::size_t max_alias_targets = 1000;

std::unexpected<core::error> no_domain(const std::string& name) {
    return core::fail(errc::not_found, "there is no domain " + name + "; add it first");
}

}  // namespace

administration::administration(storage::directory& directory, password_hasher& hasher, const core::clock& clock,
                               core::logger log)
    : directory_(directory), hasher_(hasher), clock_(clock), log_(log.module("account")) {}

net::awaitable<result<storage::domain>> administration::add_domain(std::string name) {
    const auto domain = parse_domain(name);
    if (!domain) co_return std::unexpected(domain.error());
    auto added = co_await directory_.add_domain(*domain, clock_.now());
    if (!added) co_return from_storage(added.error(), "domain " + *domain);
    log_.info("domain_added", {{"domain", *domain}});
    co_return std::move(*added);
}

net::awaitable<result<std::vector<storage::domain>>> administration::list_domains() {
    auto listed = co_await directory_.list_domains();
    if (!listed) co_return from_storage(listed.error(), "domain");
    co_return std::move(*listed);
}

net::awaitable<result<void>> administration::remove_domain(std::string name) {
    const auto domain = parse_domain(name);
    if (!domain) co_return std::unexpected(domain.error());
    const auto removed = co_await directory_.remove_domain(*domain);
    if (!removed) co_return from_storage(removed.error(), "domain " + *domain);
    log_.info("domain_removed", {{"domain", *domain}});
    co_return result<void>();
}

/// A domain that a list is narrowed to must exist, so that a typing error is not answered by an empty list.
net::awaitable<result<std::optional<std::string>>> administration::narrow(std::optional<std::string> domain) {
    if (!domain) co_return std::nullopt;
    auto name = parse_domain(*domain);
    if (!name) co_return std::unexpected(name.error());
    const auto known = co_await directory_.find_routes(*name, {""});
    if (!known) co_return from_storage(known.error(), "domain " + *name);
    if (!known->domain_known) co_return core::fail(errc::not_found, "there is no domain " + *name);
    co_return std::move(*name);
}

net::awaitable<result<storage::alias>> administration::add_alias(std::string address, std::vector<std::string> targets) {
    auto from = parse_alias_address(address);
    if (!from) co_return std::unexpected(from.error());
    if (auto right = check_new_address(*from); !right) co_return std::unexpected(right.error());
    const auto there = co_await directory_.find_routes(from->domain, {from->local_part});
    if (!there) co_return from_storage(there.error(), "domain " + from->domain);
    if (!there->domain_known) co_return no_domain(from->domain);

    auto to = co_await resolve_targets(std::move(targets));
    if (!to) co_return std::unexpected(to.error());
    const auto name = to_string(*from);
    auto added = co_await directory_.add_alias(std::move(*from), std::move(*to), clock_.now());
    if (!added && added.error().code == storage::errc::not_found) {
        co_return core::fail(errc::not_found, "a target was removed just now: " + added.error().message());
    }
    if (!added) co_return from_storage(added.error(), "address " + name);
    log_.info("alias_added", {{"alias", name}, {"targets", added->targets.size()}});
    co_return std::move(*added);
}

/// The accounts an alias is to lead to, each once; the reason why not, for the first that cannot be one.
net::awaitable<result<canonical_addresses>> administration::resolve_targets(std::vector<std::string> targets) {
    if (targets.empty()) co_return core::fail(errc::refused, "an alias needs at least one account to lead to");
    if (targets.size() > max_alias_targets) co_return core::fail(errc::refused, "an alias leads to at most 1000 accounts");
    canonical_addresses resolved;
    for (const auto& text : targets) {
        auto target = parse_address(text);
        if (!target) co_return std::unexpected(target.error());
        const auto name = to_string(*target);
        const auto found = co_await directory_.find_routes(target->domain, {target->local_part});
        if (!found) co_return from_storage(found.error(), "account " + name);
        if (!found->domain_known) {
            co_return core::fail(errc::not_found,
                                 target->domain + " is not a domain of this server: an alias leads to its accounts");
        }
        if (found->routes.empty()) co_return core::fail(errc::not_found, "there is no account " + name + "; add it first");
        if (found->routes.front().alias) {
            co_return core::fail(errc::refused, name +
                                                    " is an alias, and an alias leads to accounts only, so that mail cannot go "
                                                    "in circles: name the accounts behind it");
        }
        if (std::ranges::find(resolved, *target) == resolved.end()) resolved.push_back(std::move(*target));
    }
    co_return resolved;
}

net::awaitable<result<std::vector<storage::alias>>> administration::list_aliases(std::optional<std::string> domain) {
    auto narrowed = co_await narrow(std::move(domain));
    if (!narrowed) co_return std::unexpected(narrowed.error());
    auto listed = co_await directory_.list_aliases(std::move(*narrowed));
    if (!listed) co_return from_storage(listed.error(), "alias");
    co_return std::move(*listed);
}

net::awaitable<result<void>> administration::remove_alias(std::string address) {
    const auto alias = parse_alias_address(address);
    if (!alias) co_return std::unexpected(alias.error());
    const auto removed = co_await directory_.remove_alias(*alias);
    if (!removed) co_return from_storage(removed.error(), "alias " + to_string(*alias));
    log_.info("alias_removed", {{"alias", to_string(*alias)}});
    co_return result<void>();
}

}  // namespace postern::account
