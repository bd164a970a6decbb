#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// What is to become of entries; what is not given stays.
struct entry_change {
    std::optional<bool> seen{};
    std::optional<bool> flagged{};
    std::optional<bool> answered{};
    std::optional<mailbox_id> mailbox{};  ///< moves it there: same id, new uid
};

/// What became of one of them.
struct changed_entry {
    enum class status {
        done,      ///< also where there was nothing to change
        missing,   ///< no such entry, or not this account's
        modified,  ///< its modseq is not the one expected; left as it was
    };
    entry_id id;
    status outcome = status::missing;
    friend bool operator==(const changed_entry&, const changed_entry&) = default;
};

/// Mailboxes and what people do to the messages in them.
///
/// A change, its rows for change_store, the mailbox's total, unread and highest_modseq and the account's use are one
/// transaction. A mailbox's modseq grows by one with each call that changes something in it. A message that no mailbox holds
/// any more, and that is not on its way out, loses its octets; its trace stays until its last event is removed. Every call may
/// fail with errc::unavailable, failed or, where it writes, outcome_unknown; what else is said at each.
class mailbox_store {
public:
    virtual ~mailbox_store() = default;

    /// `name`: UTF-8 of 1 to 1,024 octets. already_exists; refused: the name has control characters or white space at an end,
    /// or is INBOX in some other case (RFC 9051 5.1), or the account has 256 mailboxes. not_found: no such account.
    virtual net::awaitable<core::result<mailbox>> add(account_id account, std::string name, core::timestamp now) = 0;
    /// As add, and refused for a mailbox with a role. not_found.
    virtual net::awaitable<core::result<mailbox>> rename(account_id account, mailbox_id id, std::string name) = 0;
    /// Moves its messages to Trash, a thousand at a time, and then removes it; said again after a failure it goes on. refused
    /// for a mailbox with a role; not_found.
    virtual net::awaitable<core::result<void>> remove(account_id account, mailbox_id id, core::timestamp now) = 0;

    static constexpr std::size_t most_entries = 1'000;  ///< in one call

    /// One outcome per id, in their order. With `if_modseq`, only entries that have it are changed. not_found: no such mailbox
    /// to move to; refused: more than most_entries.
    virtual net::awaitable<core::result<std::vector<changed_entry>>> change(account_id account, std::vector<entry_id> entries,
                                                                            entry_change wanted,
                                                                            std::optional<std::int64_t> if_modseq,
                                                                            core::timestamp now) = 0;

    /// To Trash; what is in Trash already, for good. Otherwise as change.
    virtual net::awaitable<core::result<std::vector<changed_entry>>> discard(account_id account, std::vector<entry_id> entries,
                                                                             std::optional<std::int64_t> if_modseq,
                                                                             core::timestamp now) = 0;

    /// Gives the next `limit` (1 to 1,000) entries that arrived in mailboxes of `account`, or of all of them, their threads.
    /// Returns how many; fewer than `limit`: none are left. Done behind the deliveries, and one process at a time; not durable
    /// at once, but what is lost is found again.
    virtual net::awaitable<core::result<std::size_t>> thread_arrivals(std::optional<account_id> account, std::size_t limit) = 0;

    static constexpr std::size_t longest_thread = 500;  ///< entries listed

    /// The account's entries of a thread, oldest first; of a longer thread the newest. An entry's own number means the thread
    /// it is in. not_found.
    virtual net::awaitable<core::result<std::vector<entry>>> list_thread(account_id account, thread_id thread) = 0;
};

}  // namespace postern::storage
