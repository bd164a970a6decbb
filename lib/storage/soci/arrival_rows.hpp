#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

/// What follows a delivery and is too slow to be part of it: threads, and whatever else is to be made of what arrived.
///
/// Flow, in one transaction: take_arrivals() gives entries that nothing was made of yet, of any process's deliveries; make of
/// them what is to be made, as assign_threads() does; note_progress(). Within a mailbox uids are in the order of commits, so
/// that an entry below what is noted cannot appear later. One process at a time; the others wait.
namespace postern::storage {

struct arrived_entry {
    entry_id id;
    account_id account;
    mailbox_id mailbox;
    message_id message;
    std::int64_t uid = 0;
    std::optional<thread_id> thread;  ///< it was moved here, or written anew, with its thread
    std::string header_message_id;
    std::string in_reply_to;
    std::vector<std::string> references;
};

struct arrivals {
    std::vector<arrived_entry> entries;           ///< mailbox by mailbox, by uid
    std::map<mailbox_id, std::int64_t> progress;  ///< uids below these are done with when these are
};

/// At most `limit` entries, of `account` or, nullopt, of all: that looks at every mailbox there is.
[[nodiscard]] arrivals take_arrivals(connection& on, std::optional<account_id> account, std::size_t limit);

/// Gives each entry the thread of the entries of its account that it names in References or In-Reply-To, that name it, or that
/// name the same as it; the lowest where there are several, which become one unless the others are large. A thread is the
/// number of its first entry. May be said again of the same entries.
void assign_threads(connection& on, const std::vector<arrived_entry>& entries);

/// A Message-ID as thread_reference knows it.
[[nodiscard]] std::int64_t reference_number(const std::string& header_message_id);

void note_progress(connection& on, const arrivals& done);

}  // namespace postern::storage
