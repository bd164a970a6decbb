#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "account/errc.hpp"
#include "account/password_hasher.hpp"
#include "account/secret.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/directory.hpp"

namespace postern::account {

using canonical_addresses = std::vector<storage::canonical_address>;

/// What an administrator wants made. Text is as typed.
struct account_request {
    std::string address;
    std::string name;                ///< the person's, UTF-8, at most 1024 octets
    std::optional<secret> password;  ///< nullopt: the account gets mail but cannot sign in
    bool admin = false;
    std::optional<std::int64_t> quota_limit;  ///< octets, at least 1; nullopt: unlimited
};

/// An account as it may be shown: without its password hash.
struct account_view {
    storage::account_id id;
    storage::canonical_address address;
    std::string name;
    bool admin = false;
    bool disabled = false;
    bool can_sign_in = false;                 ///< has a password and is not disabled
    std::optional<std::int64_t> quota_limit;  ///< octets; nullopt: unlimited
    std::int64_t quota_used = 0;              ///< octets
    core::timestamp created_at;
    canonical_addresses aliases;  ///< filled by show_account only: the aliases that lead here
};

/// Everything done to domains, accounts and aliases, from the command line and over HTTP alike.
///
/// Takes what a person typed, checks it, and answers with what is now stored or with an errc of this module whose detail tells
/// that person what is wrong and what would be right. Who may call is the caller's business. Changes are logged.
class administration {
public:
    /// All outlive this object.
    administration(storage::directory& directory, password_hasher& hasher, const core::clock& clock, core::logger log);

    /// invalid_domain, already_exists.
    net::awaitable<core::result<storage::domain>> add_domain(std::string name);
    net::awaitable<core::result<std::vector<storage::domain>>> list_domains();
    /// invalid_domain, not_found, refused while it has accounts or aliases.
    net::awaitable<core::result<void>> remove_domain(std::string name);

    /// invalid_address, invalid_password, invalid_value, not_found (the domain), already_exists.
    net::awaitable<core::result<account_view>> add_account(account_request request);
    /// An administrator with this password and, where it is missing, the domain: for a server that nobody lives on yet. nullopt
    /// when there is an account already, whosever. invalid_address, invalid_password.
    net::awaitable<core::result<std::optional<account_view>>> add_first_administrator(std::string address, secret password);
    /// All, or those of `domain`, by address. invalid_domain, not_found (the domain).
    net::awaitable<core::result<std::vector<account_view>>> list_accounts(std::optional<std::string> domain);
    /// invalid_address, not_found.
    net::awaitable<core::result<account_view>> show_account(std::string address);
    /// invalid_address, invalid_password, not_found.
    net::awaitable<core::result<void>> set_password(std::string address, secret password);
    /// The person's. invalid_address, invalid_value, not_found.
    net::awaitable<core::result<void>> set_name(std::string address, std::string name);
    /// invalid_address, not_found.
    net::awaitable<core::result<void>> set_admin(std::string address, bool admin);
    /// Octets, at least 1; nullopt: unlimited. invalid_address, invalid_value, not_found.
    net::awaitable<core::result<void>> set_quota(std::string address, std::optional<std::int64_t> limit);
    /// Disables or enables. invalid_address, not_found, refused for the last enabled account.
    net::awaitable<core::result<void>> set_disabled(std::string address, bool disabled);
    /// Removes the account and its mail; returns the aliases that went with it. invalid_address, not_found, refused for
    /// the last enabled account.
    net::awaitable<core::result<canonical_addresses>> remove_account(std::string address);

    /// `address` may be `@domain`, the catch-all. Targets are addresses of accounts; an alias as a target is refused, so
    /// there are no loops. invalid_address, not_found (the domain or a target), already_exists, refused.
    net::awaitable<core::result<storage::alias>> add_alias(std::string address, std::vector<std::string> targets);
    /// All, or those of `domain`, by address. invalid_domain, not_found (the domain).
    net::awaitable<core::result<std::vector<storage::alias>>> list_aliases(std::optional<std::string> domain);
    /// invalid_address, not_found.
    net::awaitable<core::result<void>> remove_alias(std::string address);

private:
    net::awaitable<core::result<storage::account>> find(std::string address);
    net::awaitable<core::result<std::string>> hash_new(secret password);
    net::awaitable<core::result<std::optional<std::string>>> narrow(std::optional<std::string> domain);
    net::awaitable<core::result<canonical_addresses>> resolve_targets(std::vector<std::string> targets);

    storage::directory& directory_;
    password_hasher& hasher_;
    const core::clock& clock_;
    core::logger log_;
};

}  // namespace postern::account
