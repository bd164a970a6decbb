#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

/// What happened in an account since somebody looked.
namespace postern::storage {

/// How far one mailbox is known.
struct mailbox_state {
    mailbox_id mailbox;
    std::int64_t uid_next = 1;
    std::int64_t highest_modseq = 1;

    friend bool operator==(const mailbox_state&, const mailbox_state&) = default;
};

/// How far an account is known.
struct account_state {
    std::vector<mailbox_state> mailboxes;  ///< by id
    std::int64_t last_event = 0;           ///< of what it sends: outcomes with a greater id are not known

    friend bool operator==(const account_state&, const account_state&) = default;
};

/// 20 octets a mailbox in base64url; opaque to clients, who may keep it and come back with it to any process.
[[nodiscard]] std::string encode_state(const account_state& state);
/// nullopt for what encode_state did not make.
[[nodiscard]] std::optional<account_state> decode_state(std::string_view text);

struct mail_change {
    enum class kind {
        added,    ///< delivered, or a draft that was written anew
        flags,    ///< as they are now
        moved,    ///< from `from`
        removed,  ///< for good
    };
    kind what = kind::added;
    entry_id entry;
    mailbox_id mailbox;  ///< where it is now, or was last
    mailbox_id from;     ///< only where moved; perhaps not there any more
    std::int64_t uid = 0;
    bool seen = false;  ///< the flags as they are now, unless removed
    bool flagged = false;
    bool answered = false;
    thread_id thread;  ///< unless removed; see entry::thread
};

struct mail_changes {
    std::vector<mail_change> changes;  ///< mailbox by mailbox, in order of what happened there
    account_state state;               ///< to ask with next; of the mailboxes that are there now; last_event as it was given
    bool more = false;                 ///< ask again at once
    bool forgotten = false;            ///< some of what happened is not known any more: start over from state()
};

/// What became of something the account sent.
struct outcome {
    std::int64_t id = 0;  ///< grows with what is committed later, but for what two processes commit within the same moment
    message_id message;
    message_event event;  ///< "relayed", "deferred", "bounced", "expired", ...: see queue/timeline
};

/// Changes of what is in an account's mailboxes and of what it sends, for those who follow them.
///
/// Follow: state(); whenever on_change() says so, changes_since() until there are no more, and outcomes_since(). What an
/// account's mailboxes hold is changed by deliveries and by mailbox_store. Every call may fail with errc::unavailable or
/// errc::failed.
class change_store {
public:
    virtual ~change_store() = default;

    virtual net::awaitable<core::result<account_state>> state(account_id account) = 0;

    /// About `limit` (1 to 1,000) changes, and up to a call of mailbox_store more. An entry that changed several times is
    /// there once or more often; one that came and went meanwhile may be there as removed alone.
    virtual net::awaitable<core::result<mail_changes>> changes_since(account_id account, account_state since,
                                                                     std::size_t limit) = 0;

    /// Outcomes with ids above `after` of messages the account submitted at `submitted_since` or later (longer ago than
    /// anything stays in the queue), by id, at most `limit` (1 to 1,000).
    virtual net::awaitable<core::result<std::vector<outcome>>> outcomes_since(account_id account, std::int64_t after,
                                                                              core::timestamp submitted_since,
                                                                              std::size_t limit) = 0;

    /// Calls `changed` on the loop when something was committed that the account may see: at once for what this process did,
    /// soon for what others did (PostgreSQL's NOTIFY). nullopt: any account's may have changed, as when the connection to the
    /// database was lost for a while. Never tells what changed, and now and then tells of nothing. Any number of callers; until
    /// the database is closed.
    virtual void on_change(std::move_only_function<void(std::optional<account_id>)> changed) = 0;

    /// Removes at most `limit` (1 to 10,000) rows of what changed before `time`. Returns how many; fewer than `limit`: none are
    /// left.
    virtual net::awaitable<core::result<std::size_t>> remove_changes_before(core::timestamp time, std::size_t limit) = 0;
};

}  // namespace postern::storage
