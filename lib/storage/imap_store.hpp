#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/archive_store.hpp"
#include "storage/change_store.hpp"
#include "storage/mailbox_store.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// The flags of an entry (RFC 9051 2.3.2).
struct entry_flags {
    static constexpr std::size_t most_keywords = 30;
    static constexpr std::size_t longest_keyword = 64;  ///< octets

    bool seen = false;
    bool flagged = false;
    bool answered = false;
    bool deleted = false;  ///< to go with the next expunge
    bool draft = false;
    /// Atoms of RFC 9051 (printable ASCII), as they were first spelled; each once, whatever the case of its letters; sorted.
    std::vector<std::string> keywords{};

    friend bool operator==(const entry_flags&, const entry_flags&) = default;
};

/// A message in a mailbox, as IMAP numbers it.
///
/// Its modseq is that of RFC 7162 3.1: where it arrives, and with each change of its flags, it gets one above all that the
/// mailbox had given until then, and the mailbox's highest_modseq is that or more from then on. Deliveries number each entry by
/// itself; the entries of one call here share a number. What vanishes raises highest_modseq too.
struct imap_entry {
    entry_id id;
    message_id message;
    std::int64_t uid = 0;
    std::int64_t modseq = 0;
    entry_flags flags;
    core::timestamp received_at;
    std::int64_t size = 0;
};

struct flag_change {
    enum class action { replace, add, remove } what = action::add;
    entry_flags flags;
};

/// An entry whose flags were to be changed.
struct flagged_entry {
    entry_id id;
    changed_entry::status outcome = changed_entry::status::missing;
    std::int64_t modseq = 0;  ///< as they are now, unless missing
    entry_flags flags;
};

/// An entry that was put into a mailbox.
struct placed_entry {
    std::int64_t from_uid = 0;  ///< where it was
    std::int64_t uid = 0;       ///< where it is
};

/// What happened in one mailbox.
struct imap_changes {
    std::vector<imap_entry> arrived;     ///< with uids from the state's uid_next on; by uid
    std::vector<imap_entry> changed;     ///< others whose flags were changed, as they are now; by uid
    std::vector<std::int64_t> vanished;  ///< uids that are not there any more; ascending; some may never have been known
    mailbox_state state;                 ///< to ask with next
    bool more = false;                   ///< ask again at once
    bool forgotten = false;              ///< some of what happened is not known any more: list all of it anew
};

/// Mailboxes as IMAP sees them: by uid, with every flag.
///
/// A change and all that follows from it is one transaction, as mailbox_store's are. Of entries the account does not have in
/// that mailbox nothing is changed. Every call may fail with errc::unavailable, failed or, where it writes, outcome_unknown;
/// not_found: no such mailbox of this account; what else is said at each.
class imap_store {
public:
    virtual ~imap_store() = default;

    static constexpr std::size_t most_entries = 1'000;  ///< in one call that changes them; else refused

    /// Up to `limit` (1 to 10,000) entries with uids above `after_uid`, by uid. Fewer: there are no more.
    virtual net::awaitable<core::result<std::vector<imap_entry>>> list(account_id account, mailbox_id mailbox,
                                                                       std::int64_t after_uid, std::size_t limit) = 0;

    /// How far a mailbox is known to whoever lists it from now on; taken before the listing, changes_since() tells nothing too
    /// little.
    virtual net::awaitable<core::result<mailbox_state>> state(account_id account, mailbox_id mailbox) = 0;

    /// What happened there since `since`; about `limit` (1 to 10,000) entries, and up to a call more.
    virtual net::awaitable<core::result<imap_changes>> changes_since(account_id account, mailbox_state since,
                                                                     std::size_t limit) = 0;

    /// One outcome per id, in their order. With `unchanged_since`, only entries with that modseq or a lower one are changed
    /// (RFC 7162 3.1.3). refused: the keywords would be too many or too long.
    virtual net::awaitable<core::result<std::vector<flagged_entry>>> change_flags(account_id account, mailbox_id mailbox,
                                                                                  std::vector<entry_id> entries,
                                                                                  flag_change wanted,
                                                                                  std::optional<std::int64_t> unchanged_since,
                                                                                  core::timestamp now) = 0;

    /// Copies of entries, flags and date kept, in another mailbox of the account, or the same; by from_uid, without those that
    /// are missing. over_quota: then nothing is copied.
    virtual net::awaitable<core::result<std::vector<placed_entry>>> copy(account_id account, mailbox_id from,
                                                                         std::vector<entry_id> entries, mailbox_id to,
                                                                         core::timestamp now) = 0;

    /// Likewise moved, ids kept. To the mailbox they are in: they get new uids, and are told as vanished and arrived.
    virtual net::awaitable<core::result<std::vector<placed_entry>>> move(account_id account, mailbox_id from,
                                                                         std::vector<entry_id> entries, mailbox_id to,
                                                                         core::timestamp now) = 0;

    /// Removes those of `entries` for good that are there and marked as deleted. Their uids, ascending.
    virtual net::awaitable<core::result<std::vector<std::int64_t>>> expunge(account_id account, mailbox_id mailbox,
                                                                            std::vector<entry_id> entries,
                                                                            core::timestamp now) = 0;

    /// Stores a message there, durable when it returns, with the flags given (those in `message` do not count). Its uid.
    /// over_quota; refused as change_flags.
    virtual net::awaitable<core::result<std::int64_t>> append(account_id account, mailbox_id mailbox, imported_message message,
                                                              entry_flags flags, core::timestamp now) = 0;

    /// How many of a mailbox's entries are marked as deleted, and the sizes of all together.
    struct figures {
        std::int64_t deleted = 0;
        std::int64_t size = 0;
    };
    virtual net::awaitable<core::result<figures>> count(account_id account, mailbox_id mailbox) = 0;

    /// Whether a client's list of subscribed mailboxes names it (mailbox::subscribed).
    virtual net::awaitable<core::result<void>> subscribe(account_id account, mailbox_id mailbox, bool wanted) = 0;
};

}  // namespace postern::storage
