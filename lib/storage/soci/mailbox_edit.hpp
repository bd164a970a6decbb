#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/imap_store.hpp"
#include "storage/mailbox_store.hpp"
#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// Changes to entries of an account, within a transaction of the writer.
///
/// Flow: make it: the mailboxes the entries are in, and `target`, are locked by id, as every process does it, and the entries
/// read under these locks; then say what becomes of which; then write(): the entries, mailbox_change, the counters of the
/// mailboxes and the account, and last the copies. On failure it throws, and the transaction is given up; where an entry was
/// moved before the locks were had, with the SQLSTATE of a conflict, so that all of it is tried again.
class mailbox_edit {
public:
    struct held_entry {
        entry_id id;
        mailbox_id mailbox;
        message_id message;
        std::int64_t uid = 0;
        std::int64_t modseq = 0;
        std::int64_t size = 0;
        entry_flags flags;
        bool new_keywords = false;  ///< by this edit, as is the next
        bool moved = false;
    };

    mailbox_edit(connection& on, account_id account, const std::vector<entry_id>& wanted, std::optional<mailbox_id> target,
                 core::timestamp now);

    /// Null: no such entry of this account.
    [[nodiscard]] const held_entry* find(entry_id id) const;
    /// Those of `entries` that are there, each once, oldest place first, so that what is moved together stays in its order.
    [[nodiscard]] std::vector<entry_id> in_order(std::vector<entry_id> entries) const;
    /// The mailbox to move to; false: none of this account's.
    [[nodiscard]] bool has_target() const { return target_ && mailboxes_.contains(*target_); }

    /// Gives an entry these flags; nothing where it has them.
    void set_flags(entry_id id, const entry_change& wanted);
    void set_flags(entry_id id, entry_flags wanted);
    /// To the target, unless it is there. Those moved get uids in order of the calls.
    void move(entry_id id);
    /// Gives it a new uid where it is.
    void renumber(entry_id id);
    /// Puts a copy of it, as it is now, into the target, and says its uid. write() throws over_quota where there is no room.
    std::int64_t copy(entry_id id);
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
    struct copied_entry {
        entry_id of;
        std::int64_t uid = 0;
        std::int64_t modseq = 0;
        std::int64_t size = 0;
    };

    void read_entries(const std::vector<entry_id>& wanted);
    void lock_mailboxes();
    [[nodiscard]] std::int64_t modseq_of(mailbox_id id);
    [[nodiscard]] std::int64_t take_uid(mailbox_id id);
    void write_entries();
    void write_entries(const std::set<entry_id>& some, const std::optional<std::string>& keywords);
    void write_changes();
    void write_counters();
    void write_use();
    void write_copies();
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
    std::vector<copied_entry> copies_;
};

/// The account's mailbox of this role.
[[nodiscard]] std::optional<mailbox_id> find_mailbox(connection& on, account_id account, mailbox_role role);

}  // namespace postern::storage
