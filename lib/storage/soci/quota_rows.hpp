#pragma once

#include <cstdint>

#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

enum class quota_rule { within, beyond };

/// Locks the account, after its mailboxes, and counts what is put into them. Throws database_error: not_found; over_quota,
/// where it is to stay within.
void add_to_quota(connection& on, account_id account, std::int64_t octets, quota_rule rule);

}  // namespace postern::storage
