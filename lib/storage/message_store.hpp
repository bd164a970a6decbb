#pragma once

#include <cstddef>
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
    /// the commit: a value means durable, the remote recipients' places in the queue included. outcome_unknown, over_quota,
    /// some_over_quota, account_gone (also that of submitted_by): nothing to acknowledge. not_found: what it replaces is not in
    /// Drafts any more, perhaps sent by another. already_exists: delivery::response's key has one: see response_store.
    virtual net::awaitable<core::result<delivered>> deliver(delivery d) = 0;

    virtual net::awaitable<core::result<std::vector<mailbox>>> list_mailboxes(account_id account) = 0;

    /// The newest `limit` (1 to 500) entries with uid below `before_uid`. not_found: no such mailbox of this account.
    virtual net::awaitable<core::result<entry_page>> list_entries(account_id account, mailbox_id mailbox,
                                                                  std::optional<std::int64_t> before_uid,
                                                                  std::size_t limit) = 0;

    /// By the entry's id or, so that the id of a 250 reply works, by the message's (then the first of this account's entries).
    /// not_found also when it is another account's.
    virtual net::awaitable<core::result<entry>> find_entry(account_id account, std::int64_t entry_or_message) = 0;

    /// The message's octets: in memory up to `memory_limit`, read in pieces from the database beyond it. not_found also where
    /// only the trace is left.
    virtual net::awaitable<core::result<std::shared_ptr<const core::content>>> read_content(message_id id,
                                                                                            std::uint64_t memory_limit) = 0;

    /// Envelope, places and events. not_found. A message that nobody holds any more keeps these, without its octets, until its
    /// last event is removed.
    virtual net::awaitable<core::result<message_trace>> trace(message_id id) = 0;

    /// What does not filter is not given; at least one is to be.
    struct trace_filter {
        std::optional<std::string> sender{};     ///< reverse-path, whatever the case of its letters a-z
        std::optional<std::string> recipient{};  ///< that any of its events names, likewise
        std::optional<message_id> before{};      ///< the last of the page before
        std::size_t limit = 50;                  ///< up to 501
    };
    /// As trace(), of all messages it lets through, the newest first.
    virtual net::awaitable<core::result<std::vector<message_trace>>> list_traces(trace_filter f) = 0;

    /// The account's entries, drafts apart, whose Message-ID is `header_message_id`; none where it has not been threaded yet.
    virtual net::awaitable<core::result<std::vector<entry_id>>> find_by_message_id(account_id account,
                                                                                   std::string header_message_id) = 0;

    /// The events an account may see: all of a message it submitted; of one in its mailboxes those of the message as a whole
    /// and of its own recipient address (who else got it may be a secret: Bcc). not_found as find_entry.
    virtual net::awaitable<core::result<std::vector<message_event>>> list_events(account_id account,
                                                                                 std::int64_t entry_or_message) = 0;

    /// Removes at most `limit` (1 to 10,000) rows of events from before `time`, the first steps of a message being one, and
    /// messages that nobody holds and that have no event left. Returns how many rows; fewer than `limit`: none are left.
    virtual net::awaitable<core::result<std::size_t>> remove_events_before(core::timestamp time, std::size_t limit) = 0;
};

}  // namespace postern::storage
