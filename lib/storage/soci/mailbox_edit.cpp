#include "storage/soci/mailbox_edit.hpp"

#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/last_uid.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/role_column.hpp"
#include "storage/soci/unheld_rows.hpp"
#include "storage/soci/value_list.hpp"

namespace postern::storage {
mailbox_edit::mailbox_edit(connection& on, account_id account, const std::vector<entry_id>& wanted,
                           std::optional<mailbox_id> target, core::timestamp now)
    : on_(on), account_(account), target_(target), now_(now) {
    read_entries(wanted);
    lock_mailboxes();
    read_entries(wanted);
    for (const auto& [id, row] : entries_) {
        if (!mailboxes_.contains(row.mailbox)) throw database_error(errc::failed, "an entry was moved meanwhile", "40001");
    }
}

void mailbox_edit::read_entries(const std::vector<entry_id>& wanted) {
    entries_.clear();
    in_lists(on_, wanted, [this](const std::string& list) {
        held_entry row;
        query rows(on_,
                   "SELECT e.id, e.mailbox_id, e.message_id, e.uid, e.modseq, m.size, CAST(e.seen AS integer),"
                   " CAST(e.flagged AS integer), CAST(e.answered AS integer) FROM mailbox_message e"
                   " JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                   " WHERE b.account_id = :account AND e.id IN (" +
                       list + ")");
        rows.use("account", account_).into(row.id).into(row.mailbox).into(row.message).into(row.uid).into(row.modseq);
        rows.into(row.size).into(row.seen).into(row.flagged).into(row.answered);
        while (rows.next()) entries_[row.id] = row;
    });
}

void mailbox_edit::lock_mailboxes() {
    std::set<mailbox_id> wanted;
    for (const auto& [id, row] : entries_) wanted.insert(row.mailbox);
    if (target_) wanted.insert(*target_);
    mailbox_id id;
    mailbox_row row;
    query rows(on_, "SELECT id, uid_next, highest_modseq FROM mailbox WHERE account_id = :account AND id IN (" +
                        id_list(std::span<const mailbox_id>(std::vector(wanted.begin(), wanted.end()))) + ") ORDER BY id" +
                        dialect::for_update(on_.kind()));
    rows.use("account", account_).into(id).into(row.uid_next).into(row.highest_modseq);
    while (rows.next()) mailboxes_[id] = row;
}

const mailbox_edit::held_entry* mailbox_edit::find(entry_id id) const {
    const auto at = entries_.find(id);
    return at == entries_.end() ? nullptr : &at->second;
}

/// The one number of all that this transaction changes in a mailbox.
std::int64_t mailbox_edit::modseq_of(mailbox_id id) {
    auto& row = mailboxes_.at(id);
    if (!std::exchange(row.changed, true)) ++row.highest_modseq;
    return row.highest_modseq;
}

void mailbox_edit::set_flags(entry_id id, const entry_change& wanted) {
    auto& entry = entries_.at(id);
    const auto was = std::tuple(entry.seen, entry.flagged, entry.answered);
    if (wanted.seen && *wanted.seen != entry.seen) mailboxes_.at(entry.mailbox).unread += *wanted.seen ? -1 : 1;
    entry.seen = wanted.seen.value_or(entry.seen);
    entry.flagged = wanted.flagged.value_or(entry.flagged);
    entry.answered = wanted.answered.value_or(entry.answered);
    if (was == std::tuple(entry.seen, entry.flagged, entry.answered)) return;
    entry.modseq = modseq_of(entry.mailbox);
    changed_.insert(id);
    changes_[{entry.mailbox, id}] = {entry.mailbox, entry.modseq, id, entry.uid, "flags", std::nullopt};
}

void mailbox_edit::move(entry_id id) {
    auto& entry = entries_.at(id);
    const auto from = std::exchange(entry.mailbox, *target_);
    if (from == entry.mailbox) return;
    auto& left = mailboxes_.at(from);
    auto& entered = mailboxes_.at(entry.mailbox);
    if (entered.uid_next > last_uid) {
        throw database_error(errc::failed, fmt::format("mailbox {} is out of uids", entry.mailbox.value));
    }
    const std::int64_t unread = entry.seen ? 0 : 1;
    --left.total;
    ++entered.total;
    left.unread -= unread;
    entered.unread += unread;
    changes_[{from, id}] = {from, modseq_of(from), id, entry.uid, "moved_out", entry.mailbox};
    entry.uid = entered.uid_next++;
    entry.modseq = modseq_of(entry.mailbox);
    entry.moved = true;
    changes_[{entry.mailbox, id}] = {entry.mailbox, entry.modseq, id, entry.uid, "moved_in", from};
    changed_.insert(id);
}

void mailbox_edit::erase(entry_id id) {
    const auto at = entries_.find(id);
    if (at == entries_.end()) return;
    const auto entry = at->second;
    auto& left = mailboxes_.at(entry.mailbox);
    --left.total;
    left.unread -= entry.seen ? 0 : 1;
    changes_[{entry.mailbox, id}] = {entry.mailbox, modseq_of(entry.mailbox), id, entry.uid, "removed", std::nullopt};
    erased_.push_back(entry);
    changed_.erase(id);
    entries_.erase(at);
}

void mailbox_edit::write() {
    write_entries();
    write_changes();
    write_counters();
    if (!erased_.empty()) delete_erased();
}

void mailbox_edit::write_entries() {
    const auto text = [this](entry_id id) {
        const auto& e = entries_.at(id);
        return fmt::format("({},{},{},{},{:d},{:d},{:d},{:d})", e.id.value, e.mailbox.value, e.uid, e.modseq, e.seen, e.flagged,
                           e.answered, e.moved);
    };
    in_values(changed_, text, [this](const std::string& list) {
        on_.restart_deadline();
        query(on_,
              "UPDATE mailbox_message SET mailbox_id = v.column2, uid = v.column3, modseq = v.column4, seen = (v.column5 <> 0),"
              " flagged = (v.column6 <> 0), answered = (v.column7 <> 0), arrived_at = CASE WHEN v.column8 <> 0 THEN " +
                  dialect::time(on_.kind(), ":now") + " ELSE arrived_at END FROM (VALUES " + list +
                  ") v WHERE mailbox_message.id = v.column1")
            .use("now", now_)
            .run();
    });
}

void mailbox_edit::write_changes() {
    const auto text = [](const auto& keyed) {
        const auto& c = keyed.second;
        return fmt::format("({},{},{},{},'{}',{})", c.mailbox.value, c.modseq, c.entry.value, c.uid, c.kind,
                           c.other.value_or(mailbox_id{}).value);
    };
    in_values(changes_, text, [this](const std::string& list) {
        query(on_,
              "INSERT INTO mailbox_change (mailbox_id, modseq, entry_id, uid, kind, other_mailbox_id, at)"
              " SELECT v.column1, v.column2, v.column3, v.column4, v.column5, NULLIF(v.column6, 0), " +
                  dialect::time(on_.kind(), ":now") + " FROM (VALUES " + list + ") v")
            .use("now", now_)
            .run();
    });
}

void mailbox_edit::write_counters() {
    for (const auto& [id, row] : mailboxes_) {
        if (!row.changed) continue;
        query(on_,
              "UPDATE mailbox SET uid_next = :uid_next, highest_modseq = :modseq, total = total + :total,"
              " unread = unread + :unread WHERE id = :id")
            .use("uid_next", row.uid_next)
            .use("modseq", row.highest_modseq)
            .use("total", row.total)
            .use("unread", row.unread)
            .use("id", id)
            .run();
    }
    std::int64_t octets = 0;
    for (const auto& entry : erased_) octets += entry.size;
    if (octets == 0) return;
    query(on_, "UPDATE account SET quota_used = quota_used - :octets WHERE id = :id")
        .use("octets", octets)
        .use("id", account_)
        .run();
}

void mailbox_edit::delete_erased() {
    std::vector<entry_id> entries;
    std::vector<message_id> messages;
    for (const auto& entry : erased_) {
        entries.push_back(entry.id);
        messages.push_back(entry.message);
    }
    delete_entries(on_, entries);
    drop_unheld(on_, std::move(messages));
}

std::optional<mailbox_id> find_mailbox(connection& on, account_id account, mailbox_role role) {
    mailbox_id id;
    query row(on, "SELECT id FROM mailbox WHERE account_id = :account AND role = :role");
    row.use("account", account).use("role", std::string(to_column(role))).into(id);
    return row.next() ? std::optional(id) : std::nullopt;
}

}  // namespace postern::storage
