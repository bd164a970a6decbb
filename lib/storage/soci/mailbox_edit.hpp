#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/mailbox_store.hpp"
#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// Changes to entries of an account, within a transaction of the writer.
///
/// Flow: make it: the mailboxes the entries are in, and `target`, are locked by id, as every process does it, and the entries
/// read under these locks; then say what becomes of which; then write(): the entries, mailbox_change, and last the counters of
/// the mailboxes and the account. On failure it throws, and the transaction is given up; where an entry was moved before the
/// locks were had, with the SQLSTATE of a conflict, so that all of it is tried again.
class mailbox_edit {
public:
    struct held_entry {
        entry_id id;
        mailbox_id mailbox;
        message_id message;
        std::int64_t uid = 0;
        std::int64_t modseq = 0;
        std::int64_t size = 0;
        bool seen = false;
        bool flagged = false;
        bool answered = false;
        bool moved = false;  ///< by this edit
    };

    mailbox_edit(connection& on, account_id account, const std::vector<entry_id>& wanted, std::optional<mailbox_id> target,
                 core::timestamp now);

    /// Null: no such entry of this account.
    [[nodiscard]] const held_entry* find(entry_id id) const;
    /// The mailbox to move to; false: none of this account's.
    [[nodiscard]] bool has_target() const { return target_ && mailboxes_.contains(*target_); }

    /// Gives an entry these flags; nothing where it has them.
    void set_flags(entry_id id, const entry_change& wanted);
    /// To the target, unless it is there. Those moved get uids in order of the calls.
    void move(entry_id id);
    /// For good. Its outbound half was locked before.
    void erase(entry_id id);

    void write();

private:
    struct mailbox_row {
        std::int64_t uid_next = 1;
        std::int64_t highest_modseq = 1;
        std::int64_t total = 0;   // more or less than before
        std::int64_t unread = 0;  // likewise
        bool changed = false;
    };
    struct change_row {
        mailbox_id mailbox;
        std::int64_t modseq = 0;
        entry_id entry;
        std::int64_t uid = 0;
        std::string kind;
        std::optional<mailbox_id> other;
    };

    void read_entries(const std::vector<entry_id>& wanted);
    void lock_mailboxes();
    [[nodiscard]] std::int64_t modseq_of(mailbox_id id);
    void write_entries();
    void write_changes();
    void write_counters();
    void delete_erased();

    connection& on_;
    account_id account_;
    std::optional<mailbox_id> target_;
    core::timestamp now_;
    std::map<mailbox_id, mailbox_row> mailboxes_;
    std::map<entry_id, held_entry> entries_;
    std::set<entry_id> changed_;
    std::map<std::pair<mailbox_id, entry_id>, change_row> changes_;
    std::vector<held_entry> erased_;
};

/// The account's mailbox of this role.
[[nodiscard]] std::optional<mailbox_id> find_mailbox(connection& on, account_id account, mailbox_role role);

}  // namespace postern::storage
