#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// Domains, accounts and aliases. Addresses come canonical; who may do what is decided above (lib/account).
///
/// Every call may fail with errc::unavailable or errc::failed; what else is said at each.
class directory {
public:
    virtual ~directory() = default;

    /// For a recipient: which of `local_parts` (at most 8; "" asks for the catch-all) exist in `domain`. One round trip.
    virtual net::awaitable<core::result<route_answer>> find_routes(std::string domain,
                                                                   std::vector<std::string> local_parts) = 0;

    /// Who takes mail for a postmaster nobody was named for: the oldest enabled administrator of `domain`, else of the
    /// server, else the oldest enabled account of `domain`, else of the server. Who has no password, so cannot read it, comes
    /// after all who have one. not_found when there is no enabled account.
    virtual net::awaitable<core::result<route::destination>> find_caretaker(std::string domain) = 0;

    virtual net::awaitable<core::result<std::optional<account>>> find_account(canonical_address address) = 0;
    virtual net::awaitable<core::result<std::optional<account>>> find_account(account_id id) = 0;

    /// already_exists. When the server has no enabled account, also makes the account postmaster@name without a password,
    /// in the same transaction, so that mail for postmaster has somewhere to go (RFC 5321 4.5.1).
    virtual net::awaitable<core::result<domain>> add_domain(std::string name, core::timestamp now) = 0;
    virtual net::awaitable<core::result<std::vector<domain>>> list_domains() = 0;
    /// not_found; refused while it has accounts (other than an unused postmaster placeholder) or aliases.
    virtual net::awaitable<core::result<void>> remove_domain(std::string name) = 0;

    /// Makes the account and its mailboxes Inbox, Sent, Drafts, Junk, Trash, Archive. not_found: no such domain;
    /// already_exists: the address is an account or an alias.
    virtual net::awaitable<core::result<account>> add_account(new_account account) = 0;
    /// For a server that nobody lives on yet: the same, and its domain where that is missing, in one transaction. nullopt when
    /// there is an account already, whosever. Of several such calls at once, by any process, one makes it.
    virtual net::awaitable<core::result<std::optional<account>>> add_first_account(new_account account) = 0;
    /// All accounts, or those of `domain`, by address.
    virtual net::awaitable<core::result<std::vector<account>>> list_accounts(std::optional<std::string> domain) = 0;
    virtual net::awaitable<core::result<void>> set_password_hash(account_id id, std::string password_hash) = 0;
    /// The person's name. refused: longer than 1,024 octets; not_found.
    virtual net::awaitable<core::result<void>> set_name(account_id id, std::string name) = 0;
    /// not_found.
    virtual net::awaitable<core::result<void>> set_admin(account_id id, bool admin) = 0;
    /// Octets; nullopt: unlimited. May be less than what is used: then nothing more is taken. refused: below 1; not_found.
    virtual net::awaitable<core::result<void>> set_quota(account_id id, std::optional<std::int64_t> limit) = 0;
    /// refused: it would leave domains without an enabled account (see add_domain).
    virtual net::awaitable<core::result<void>> set_disabled(account_id id, bool disabled) = 0;
    /// Removes the account with its mailboxes, and messages nobody else holds; its address leaves every alias, and an alias
    /// left without targets goes too. Returns the aliases that went. refused as set_disabled.
    virtual net::awaitable<core::result<std::vector<canonical_address>>> remove_account(account_id id) = 0;

    /// `address.local_part` "" makes the domain's catch-all. Targets are accounts: not_found names the one that is not.
    virtual net::awaitable<core::result<alias>> add_alias(canonical_address address, std::vector<canonical_address> targets,
                                                          core::timestamp now) = 0;
    virtual net::awaitable<core::result<std::vector<alias>>> list_aliases(std::optional<std::string> domain) = 0;
    virtual net::awaitable<core::result<void>> remove_alias(canonical_address address) = 0;
};

}  // namespace postern::storage
