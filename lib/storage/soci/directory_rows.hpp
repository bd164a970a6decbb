#pragma once

#include <optional>
#include <string>

#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

/// Steps that several of the directory's writes have in common. Each is part of a transaction of the writer.
namespace postern::storage {

/// What has a rule over more than one row (the last enabled account) is done by one process at a time.
void lock_directory(connection& on);

[[nodiscard]] std::optional<domain_id> find_domain_id(connection& on, const std::string& name);

/// The name is free.
domain insert_domain(connection& on, const std::string& name, core::timestamp now);

/// Whether an enabled account other than `besides` exists.
[[nodiscard]] bool has_enabled_account(connection& on, account_id besides);

/// already_exists, naming what the address is, when it is an account or an alias.
[[nodiscard]] core::result<void> require_free(connection& on, domain_id in, const canonical_address& address);

/// Adds a row to the name space of accounts and aliases; its id is the account's or alias's.
[[nodiscard]] std::int64_t insert_address(connection& on, domain_id in, const std::string& local_part, const std::string& kind);

/// Adds the account with its mailboxes. The address is free and its domain exists.
account insert_account(connection& on, domain_id in, const new_account& wanted);

/// Locks the account with its mailboxes until the transaction ends: no mail reaches it meanwhile.
void lock_account(connection& on, account_id id);

/// Takes the account with its mailboxes and what is in them out of the database, and messages nobody else holds. Aliases first:
/// none may have it as its only target.
void delete_account(connection& on, account_id id);

}  // namespace postern::storage
