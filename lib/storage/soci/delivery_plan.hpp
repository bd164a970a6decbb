#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/group_commit.hpp"
#include "storage/records.hpp"
#include "storage/soci/message_history.hpp"

namespace postern::storage {

/// Decides, inside the transaction that stores a batch, what is stored where: uids, counters, quotas, queue items, events; and
/// which queue items are done with.
///
/// Flow: make it from the batch; lock and read the rows of outbound_ids(), queue_ids(), places() and account_ids(), in that
/// order, which is the same in every process, so that two cannot wait for each other; give them to add(); decide(); write
/// what the rest of the functions say. An item with a message whose account is gone or over quota is concluded so and leaves
/// no trace in the plan; the others go on.
class delivery_plan {
public:
    /// An account's mailbox of a role, as read; decide() moves its numbers on.
    struct mailbox_row {
        mailbox_id id;
        account_id account;
        mailbox_role role = mailbox_role::none;
        std::string name;
        std::int64_t uid_next = 1;
        std::int64_t highest_modseq = 1;
        std::int64_t added = 0;    ///< messages
        std::int64_t removed = 0;  ///< likewise
        std::int64_t unread = 0;   ///< more or, with some removed, less

        /// What its total grows by.
        [[nodiscard]] std::int64_t growth() const { return added - removed; }
    };

    struct account_row {
        account_id id;
        bool disabled = false;
        std::optional<std::int64_t> quota_limit;
        std::int64_t quota_used = 0;
        std::int64_t added = 0;  ///< octets, less those that go
    };

    struct queue_row {
        queue_id id;
        message_id message;
        std::string lease_owner;
    };

    struct entry_row {
        const delivery* message = nullptr;
        const local_delivery* local = nullptr;
        mailbox_id mailbox;
        std::int64_t uid = 0;
        std::int64_t modseq = 0;
    };

    struct event_row {
        message_id message;
        const message_event* event = nullptr;
    };

    struct queued_row {
        queue_id id;
        const delivery* message = nullptr;
        const new_queue_item* recipient = nullptr;
    };

    /// A draft that something takes the place of.
    struct draft_row {
        account_id account;
        entry_id id;
        mailbox_id mailbox;
        message_id message;
        std::int64_t uid = 0;
        std::int64_t size = 0;
        bool seen = false;
    };

    /// A draft, and what becomes of it.
    struct replaced_row {
        draft_row draft;
        std::int64_t modseq = 0;  ///< of Drafts
        core::timestamp at;
        std::optional<entry_row> written_anew;  ///< nullopt: it goes
    };

    using response_key = std::pair<account_id, std::string>;
    using place = std::pair<account_id, mailbox_role>;

    explicit delivery_plan(std::span<const std::shared_ptr<delivery_item>> batch);
    delivery_plan(delivery_plan&&) = default;  // a copy would point into the original
    delivery_plan& operator=(delivery_plan&&) = default;

    /// Every message of the batch, but for those of items left out.
    [[nodiscard]] const std::vector<const new_message*>& messages() const { return messages_; }
    /// Whether some of them are notices, which are stored only if the outcomes they tell of are.
    [[nodiscard]] bool has_notices() const { return has_notices_; }

    /// Whether these are the items it was made from.
    [[nodiscard]] bool is_of(std::span<const std::shared_ptr<delivery_item>> batch) const;

    /// Messages whose queue items are concluded, and those items. Each once, in order.
    [[nodiscard]] const std::vector<message_id>& outbound_ids() const { return outbound_ids_; }
    [[nodiscard]] const std::vector<queue_id>& queue_ids() const { return queue_ids_; }
    /// What to lock: each once, in order of account and role. The rows are to be locked in order of the mailbox's id.
    [[nodiscard]] const std::vector<place>& places() const { return places_; }
    /// Each once, in order.
    [[nodiscard]] const std::vector<account_id>& account_ids() const { return account_ids_; }

    /// Whether there is more to read and to write than most messages have: see delivery_extras. Read under all the locks.
    [[nodiscard]] bool has_extras() const { return !draft_ids_.empty() || !response_keys_.empty(); }
    /// Drafts to be replaced, and whose they have to be.
    [[nodiscard]] const std::vector<replaced_draft>& draft_ids() const { return draft_ids_; }
    [[nodiscard]] const std::vector<response_key>& response_keys() const { return response_keys_; }

    void add(draft_row row);
    /// A response that is there already.
    void add(response_key taken) { taken_keys_.insert(std::move(taken)); }
    void add(mailbox_row row);
    void add(account_row row);
    void add(queue_row row);

    /// Where messages are written before decide(): when the queue's rows were added, leaves out the items whose outcomes are
    /// all lost. Said again after a commit of unknown outcome, their notices may be there already.
    void leave_out_lost();

    /// In place of reading: adds the rows as `before`, which was decided, leaves them, and queue items as those that conclude
    /// them believe them to be, leased to them. False if not all that matters is known so, or if it would be the same without
    /// `before`: this batch must not come to be when that one does not.
    bool foresee(const delivery_plan& before);
    /// Queue items that foresee() added; in order.
    [[nodiscard]] const std::vector<queue_row>& believed() const { return believed_; }

    /// Once, when all rows that exist were added. What is decided goes into the messages' rows as far as it may; where those
    /// were written before, into rows of its own.
    enum class rows { to_be_written, written };
    void decide(rows of_messages = rows::to_be_written);

    /// The rows added; decide() moves their numbers on.
    [[nodiscard]] const std::map<account_id, account_row>& accounts() const { return accounts_; }

    /// Messages that are not stored.
    [[nodiscard]] const std::vector<message_id>& refused() const { return refused_; }
    [[nodiscard]] const std::vector<const new_message*>& accepted() const { return accepted_; }
    [[nodiscard]] const std::vector<entry_row>& entries() const { return entries_; }
    /// The column message.history: before decide() without what is decided there.
    [[nodiscard]] std::optional<std::string> history_of(const new_message& message) const;
    /// Those that are not in it. In the order they are to be numbered.
    [[nodiscard]] const std::vector<event_row>& events() const { return events_; }
    /// Those that changed, by id.
    [[nodiscard]] std::vector<const mailbox_row*> changed_mailboxes() const;
    [[nodiscard]] std::vector<const account_row*> changed_accounts() const;

    [[nodiscard]] const std::vector<replaced_row>& replaced() const { return replaced_; }
    /// Messages whose responses are kept.
    [[nodiscard]] const std::vector<const new_message*>& responses() const { return responses_; }

    /// Messages with remote recipients, and these.
    [[nodiscard]] const std::vector<const delivery*>& outbound() const { return outbound_; }
    [[nodiscard]] const std::vector<queued_row>& queued() const { return queued_; }
    /// Whether some of them are left to whoever claims.
    [[nodiscard]] bool wakes() const { return wakes_; }
    /// By item.
    [[nodiscard]] const std::map<queue_id, const queue_outcome*>& deferred() const { return deferred_; }
    [[nodiscard]] const std::vector<queue_id>& finished() const { return finished_; }
    /// Their messages, each once, in order: whose outbound half and octets may have to go.
    [[nodiscard]] std::vector<message_id> finished_messages() const;

private:
    using needs = std::vector<std::pair<place, const local_delivery*>>;

    [[nodiscard]] static needs needs_of(const delivery& d);
    bool believe_leases(const delivery_plan& before);
    [[nodiscard]] std::vector<const queue_outcome*> live_outcomes(const queue_conclusion& conclusion) const;
    [[nodiscard]] core::result<void> verdict(const delivery_item& item) const;
    [[nodiscard]] core::result<void> check_account(account_id id) const;
    [[nodiscard]] core::result<void> check_extras(const delivery& d) const;
    void replace(const delivery& d, const needs& wanted);
    void refuse(const delivery_item& item);
    void accept(const new_message& message);
    void queue(const new_message& message);
    void accept(const queue_outcome& outcome);
    void tell_born(const new_message& message);
    void tell_delivered(const delivery& d, const local_delivery& local);

    std::vector<std::shared_ptr<delivery_item>> batch_;
    std::vector<const new_message*> messages_;
    bool has_notices_ = false;
    std::set<const delivery_item*> left_out_;
    std::vector<message_id> outbound_ids_;
    std::vector<queue_id> queue_ids_;
    std::vector<place> places_;
    std::vector<account_id> account_ids_;
    std::map<place, mailbox_row> mailboxes_;
    std::map<account_id, account_row> accounts_;
    std::map<queue_id, queue_row> queue_;
    std::vector<queue_row> believed_;
    std::vector<replaced_draft> draft_ids_;
    std::vector<response_key> response_keys_;
    std::map<entry_id, draft_row> drafts_;  // that nothing has taken the place of yet
    std::set<response_key> taken_keys_;
    std::vector<replaced_row> replaced_;
    std::vector<const new_message*> responses_;
    std::vector<message_id> refused_;
    std::vector<const new_message*> accepted_;
    std::vector<entry_row> entries_;
    std::vector<event_row> events_;
    /// A message's steps: in its own row, and in rows of theirs.
    struct timeline {
        std::vector<const message_event*> in_row;
        std::vector<const message_event*> apart;

        void add(const delivery& d, const message_event& step) { (fits_history(d, step) ? in_row : apart).push_back(&step); }
    };
    rows messages_are_ = rows::to_be_written;
    std::map<const delivery*, timeline> timelines_;
    std::deque<message_event> made_;  // what timelines_ and events_ point to beyond the deliveries' own
    std::vector<const delivery*> outbound_;
    std::vector<queued_row> queued_;
    bool wakes_ = false;
    std::map<queue_id, const queue_outcome*> deferred_;
    std::vector<queue_id> finished_;
    std::vector<message_id> finished_messages_;
};

}  // namespace postern::storage
