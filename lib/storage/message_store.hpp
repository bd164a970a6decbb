#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// Messages, mailboxes and what is in them.
///
/// Every call may fail with errc::unavailable or errc::failed; what else is said at each.
class message_store {
public:
    virtual ~message_store() = default;

    /// A number for a message about to be accepted; unique across processes, increasing within one, with gaps.
    /// Almost always at hand; waits for the writer when it is not.
    virtual net::awaitable<core::result<message_id>> next_id() = 0;

    /// Stores the message for all its recipients in one transaction, together with others' (group commit), and returns after
    /// the commit: a value means durable. outcome_unknown, over_quota, some_over_quota, account_gone: nothing to acknowledge.
    virtual net::awaitable<core::result<void>> deliver(delivery d) = 0;

    virtual net::awaitable<core::result<std::vector<mailbox>>> list_mailboxes(account_id account) = 0;

    /// The newest `limit` (1 to 500) entries with uid below `before_uid`. not_found: no such mailbox of this account.
    virtual net::awaitable<core::result<entry_page>> list_entries(account_id account, mailbox_id mailbox,
                                                                  std::optional<std::int64_t> before_uid,
                                                                  std::size_t limit) = 0;

    /// By the entry's id or, so that the id of a 250 reply works, by the message's (then the first of this account's entries).
    /// not_found also when it is another account's.
    virtual net::awaitable<core::result<entry>> find_entry(account_id account, std::int64_t entry_or_message) = 0;

    /// The message's octets: in memory up to `memory_limit`, read in pieces from the database beyond it.
    virtual net::awaitable<core::result<std::shared_ptr<const core::content>>> read_content(message_id id,
                                                                                            std::uint64_t memory_limit) = 0;

    /// Envelope, places and events. not_found.
    virtual net::awaitable<core::result<message_trace>> trace(message_id id) = 0;
};

}  // namespace postern::storage
