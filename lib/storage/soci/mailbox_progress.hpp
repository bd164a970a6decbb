#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

/// How far into each mailbox something has come that is made of what arrives, behind the deliveries: a table for each such
/// thing, with mailbox_id and indexed_uid. Within a mailbox uids are in the order of commits, so that an entry below what is
/// noted cannot appear later.
namespace postern::storage {

struct waiting_mailbox {
    mailbox_id id;
    account_id account;
    std::int64_t done = 1;  ///< uids below this are done with
    std::int64_t uid_next = 1;
};

using mailbox_progress = std::map<mailbox_id, std::int64_t>;  ///< uids below these are done with

/// At most `limit` mailboxes, of `account` or, nullopt, of all: that looks at every mailbox there is. `table` is a literal.
[[nodiscard]] std::vector<waiting_mailbox> select_waiting(connection& on, std::string_view table,
                                                          std::optional<account_id> account, std::size_t limit);

/// Never goes back: who was overtaken notes nothing.
void note_progress(connection& on, std::string_view table, const mailbox_progress& done);

}  // namespace postern::storage
