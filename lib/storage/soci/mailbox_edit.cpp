#include "storage/soci/mailbox_edit.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/flag_edit.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/last_uid.hpp"
#include "storage/soci/object_ids.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/quota_rows.hpp"
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
        std::string keywords;
        query rows(on_,
                   "SELECT e.id, e.mailbox_id, e.message_id, e.uid, e.modseq, m.size, CAST(e.seen AS integer),"
                   " CAST(e.flagged AS integer), CAST(e.answered AS integer), CAST(e.deleted AS integer),"
                   " CAST(e.draft AS integer), e.keywords FROM mailbox_message e"
                   " JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                   " WHERE b.account_id = :account AND e.id IN (" +
                       list + ")");
        rows.use("account", account_).into(row.id).into(row.mailbox).into(row.message).into(row.uid).into(row.modseq);
        rows.into(row.size).into(row.flags.seen).into(row.flags.flagged).into(row.flags.answered).into(row.flags.deleted);
        rows.into(row.flags.draft).into(keywords);
        while (rows.next()) {
            row.flags.keywords = keywords_from_column(keywords);
            entries_[row.id] = row;
        }
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

std::int64_t mailbox_edit::take_uid(mailbox_id id) {
    auto& row = mailboxes_.at(id);
    if (row.uid_next > last_uid) throw database_error(errc::failed, fmt::format("mailbox {} is out of uids", id.value));
    return row.uid_next++;
}

std::vector<entry_id> mailbox_edit::in_order(std::vector<entry_id> entries) const {
    std::ranges::sort(entries);
    const auto rest = std::ranges::unique(entries);
    entries.erase(rest.begin(), rest.end());
    std::erase_if(entries, [this](entry_id id) { return find(id) == nullptr; });
    std::ranges::sort(entries, {}, [this](entry_id id) {
        const auto* held = find(id);
        return std::pair(held->mailbox, held->uid);
    });
    return entries;
}

void mailbox_edit::set_flags(entry_id id, const entry_change& wanted) {
    auto flags = entries_.at(id).flags;
    flags.seen = wanted.seen.value_or(flags.seen);
    flags.flagged = wanted.flagged.value_or(flags.flagged);
    flags.answered = wanted.answered.value_or(flags.answered);
    set_flags(id, std::move(flags));
}

void mailbox_edit::set_flags(entry_id id, entry_flags wanted) {
    auto& entry = entries_.at(id);
    if (wanted == entry.flags) return;
    if (wanted.seen != entry.flags.seen) mailboxes_.at(entry.mailbox).unread += wanted.seen ? -1 : 1;
    if (wanted.keywords != entry.flags.keywords) entry.new_keywords = true;
    entry.flags = std::move(wanted);
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
    const std::int64_t unread = entry.flags.seen ? 0 : 1;
    --left.total;
    ++entered.total;
    left.unread -= unread;
    entered.unread += unread;
    changes_[{from, id}] = {from, modseq_of(from), id, entry.uid, "moved_out", entry.mailbox};
    entry.uid = take_uid(entry.mailbox);
    entry.modseq = modseq_of(entry.mailbox);
    entry.moved = true;
    changes_[{entry.mailbox, id}] = {entry.mailbox, entry.modseq, id, entry.uid, "moved_in", from};
    changed_.insert(id);
}

/// As a draft that is written anew: one row tells that the old uid is gone, and the new one tells of itself.
void mailbox_edit::renumber(entry_id id) {
    auto& entry = entries_.at(id);
    entry.modseq = modseq_of(entry.mailbox);
    changes_[{entry.mailbox, id}] = {entry.mailbox, entry.modseq, id, entry.uid, "moved_out", entry.mailbox};
    entry.uid = take_uid(entry.mailbox);
    changed_.insert(id);
}

std::int64_t mailbox_edit::copy(entry_id id) {
    const auto& entry = entries_.at(id);
    auto& entered = mailboxes_.at(*target_);
    ++entered.total;
    entered.unread += entry.flags.seen ? 0 : 1;
    return copies_.emplace_back(id, take_uid(*target_), modseq_of(*target_), entry.size).uid;
}

void mailbox_edit::erase(entry_id id) {
    const auto at = entries_.find(id);
    if (at == entries_.end()) return;
    const auto entry = at->second;
    auto& left = mailboxes_.at(entry.mailbox);
    --left.total;
    left.unread -= entry.flags.seen ? 0 : 1;
    changes_[{entry.mailbox, id}] = {entry.mailbox, modseq_of(entry.mailbox), id, entry.uid, "removed", std::nullopt};
    erased_.push_back(entry);
    changed_.erase(id);
    entries_.erase(at);
}

void mailbox_edit::write() {
    write_entries();
    write_changes();
    write_counters();
    write_use();
    write_copies();
    if (!erased_.empty()) delete_erased();
}

/// Keywords are rarely changed, and mostly many entries get the same: they are written by what they become.
void mailbox_edit::write_entries() {
    std::map<std::optional<std::string>, std::set<entry_id>> by_keywords;
    for (const auto id : changed_) {
        const auto& e = entries_.at(id);
        by_keywords[e.new_keywords ? std::optional(to_column(e.flags.keywords)) : std::nullopt].insert(id);
    }
    for (const auto& [keywords, some] : by_keywords) write_entries(some, keywords);
}

void mailbox_edit::write_entries(const std::set<entry_id>& some, const std::optional<std::string>& keywords) {
    const auto text = [this](entry_id id) {
        const auto& e = entries_.at(id);
        return fmt::format("({},{},{},{},{:d},{:d},{:d},{:d},{:d},{:d})", e.id.value, e.mailbox.value, e.uid, e.modseq,
                           e.flags.seen, e.flags.flagged, e.flags.answered, e.flags.deleted, e.flags.draft, e.moved);
    };
    in_values(some, text, [this, &keywords](const std::string& list) {
        on_.restart_deadline();
        query rows(
            on_,
            "UPDATE mailbox_message SET mailbox_id = v.column2, uid = v.column3, modseq = v.column4, seen = (v.column5 <> 0),"
            " flagged = (v.column6 <> 0), answered = (v.column7 <> 0), deleted = (v.column8 <> 0), draft = (v.column9 <> 0), " +
                std::string(keywords ? "keywords = :keywords, " : "") + "arrived_at = CASE WHEN v.column10 <> 0 THEN " +
                dialect::time(on_.kind(), ":now") + " ELSE arrived_at END FROM (VALUES " + list +
                ") v WHERE mailbox_message.id = v.column1");
        if (keywords) rows.use("keywords", *keywords);
        rows.use("now", now_).run();
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
}

void mailbox_edit::write_use() {
    std::int64_t octets = 0;
    for (const auto& entry : erased_) octets += entry.size;
    if (octets != 0) {
        query(on_, "UPDATE account SET quota_used = quota_used - :octets WHERE id = :id")
            .use("octets", octets)
            .use("id", account_)
            .run();
    }
    octets = 0;
    for (const auto& copied : copies_) octets += copied.size;
    if (octets != 0) add_to_quota(on_, account_, octets, quota_rule::within);
}

/// After the account is locked, as a delivery's entries are. What came here by hand has been here since now: it may be Trash.
void mailbox_edit::write_copies() {
    const auto ids = draw_object_ids(on_, copies_.size());
    auto id = ids.begin();
    const auto text = [&id](const copied_entry& c) { return fmt::format("({},{},{},{})", *id++, c.of.value, c.uid, c.modseq); };
    in_values(copies_, text, [this](const std::string& list) {
        on_.restart_deadline();
        query(on_,
              "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, arrived_at, seen, flagged,"
              " answered, deleted, draft, keywords, delivered_to, thread_id) SELECT v.column1, b.id, v.column3, e.message_id,"
              " v.column4, e.received_at, " +
                  dialect::time(on_.kind(), ":now") +
                  ", e.seen, e.flagged, e.answered, e.deleted, e.draft, e.keywords, e.delivered_to, e.thread_id FROM (VALUES " +
                  list + ") v JOIN mailbox_message e ON e.id = v.column2 JOIN mailbox b ON b.id = :target")
            .use("now", now_)
            .use("target", *target_)
            .run();
    });
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
