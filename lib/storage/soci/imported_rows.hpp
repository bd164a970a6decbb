#pragma once

#include <span>
#include <string>
#include <vector>

#include "storage/archive_store.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// What has no place in the messages themselves when they are put into a mailbox without having been delivered.
struct imported_circumstances {
    account_id account;
    mailbox_id mailbox;
    std::string event;  ///< the one event of their timeline: "imported", "composed", "appended"
    bool beyond_quota = false;
    core::timestamp now;
    bool deleted = false;
    bool draft = false;
    std::vector<std::string> keywords{};  ///< as entry_flags has them
};

/// Within a transaction of the writer: the messages and their octets, then, under the locks a delivery takes, their entries and
/// what is counted; and tells other processes that share the database. The uid of the first of them. Throws database_error:
/// over_quota, not_found.
std::int64_t insert_imported(connection& on, const imported_circumstances& how, std::span<const imported_message> messages);

}  // namespace postern::storage
