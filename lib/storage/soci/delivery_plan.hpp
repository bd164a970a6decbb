#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/group_commit.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// Decides, inside the transaction that stores a batch of messages, what is stored where: uids, counters, quotas, events.
///
/// Flow: make it from the batch; lock and read the rows of places() and account_ids(), in that order, which is the same in
/// every process, so that two cannot wait for each other; give them to add(); decide(); write what the rest of the functions
/// say. A message whose account is gone or over quota is concluded so and leaves no trace in the plan; the others go on.
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
        std::int64_t added = 0;   ///< messages
        std::int64_t unread = 0;  ///< of those, not seen
    };

    struct account_row {
        account_id id;
        bool disabled = false;
        std::optional<std::int64_t> quota_limit;
        std::int64_t quota_used = 0;
        std::int64_t added = 0;  ///< octets
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

    using place = std::pair<account_id, mailbox_role>;

    /// `batch` outlives the plan.
    explicit delivery_plan(std::span<const std::shared_ptr<delivery_item>> batch);

    /// What to lock: each once, in order of account and role. The rows are to be locked in order of the mailbox's id.
    [[nodiscard]] const std::vector<place>& places() const { return places_; }
    /// Each once, in order.
    [[nodiscard]] const std::vector<account_id>& account_ids() const { return account_ids_; }

    void add(mailbox_row row);
    void add(account_row row);

    /// Once, when all rows that exist were added.
    void decide();

    [[nodiscard]] const std::vector<message_id>& refused() const { return refused_; }
    [[nodiscard]] const std::vector<delivery_item*>& accepted() const { return accepted_; }
    [[nodiscard]] const std::vector<entry_row>& entries() const { return entries_; }
    /// In the order they are to be numbered.
    [[nodiscard]] const std::vector<event_row>& events() const { return events_; }
    /// Those that changed, by id.
    [[nodiscard]] std::vector<const mailbox_row*> changed_mailboxes() const;
    [[nodiscard]] std::vector<const account_row*> changed_accounts() const;

private:
    using needs = std::vector<std::pair<place, const local_delivery*>>;

    [[nodiscard]] core::result<void> verdict(const delivery& d, const needs& wanted) const;
    void accept(delivery_item& item, const needs& wanted);

    std::span<const std::shared_ptr<delivery_item>> batch_;
    std::vector<place> places_;
    std::vector<account_id> account_ids_;
    std::map<place, mailbox_row> mailboxes_;
    std::map<account_id, account_row> accounts_;
    std::vector<message_id> refused_;
    std::vector<delivery_item*> accepted_;
    std::vector<entry_row> entries_;
    std::vector<event_row> events_;
    std::vector<std::unique_ptr<message_event>> delivered_;  // what events_ points to beyond the deliveries' own
};

}  // namespace postern::storage
