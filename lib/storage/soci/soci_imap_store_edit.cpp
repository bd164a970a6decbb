#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "storage/soci/flag_edit.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/imported_rows.hpp"
#include "storage/soci/mailbox_edit.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_imap_store.hpp"
#include "storage/soci/unheld_rows.hpp"

namespace postern::storage {
namespace {

core::result<void> check_few(const std::vector<entry_id>& entries) {
    if (entries.size() <= imap_store::most_entries) return {};
    return core::fail(errc::refused, fmt::format("at most {} at once", imap_store::most_entries));
}

core::result<void> check_mailbox(connection& on, account_id account, mailbox_id mailbox) {
    std::int64_t found = 0;
    query row(on, "SELECT 1 FROM mailbox WHERE id = :mailbox AND account_id = :account");
    if (row.use("mailbox", mailbox).use("account", account).into(found).next()) return {};
    return core::fail(errc::not_found, "there is no such mailbox");
}

/// Those of `entries` that are in this mailbox, by uid.
std::vector<entry_id> in_mailbox(const mailbox_edit& edit, mailbox_id mailbox, const std::vector<entry_id>& entries) {
    auto there = edit.in_order(entries);
    std::erase_if(there, [&](entry_id id) { return edit.find(id)->mailbox != mailbox; });
    return there;
}

core::result<std::vector<flagged_entry>> update_flags(connection& on, account_id account, mailbox_id mailbox,
                                                      const std::vector<entry_id>& entries, const flag_edit& wanted,
                                                      std::optional<std::int64_t> unchanged_since, core::timestamp now) {
    if (auto found = check_mailbox(on, account, mailbox); !found) return std::unexpected(found.error());
    mailbox_edit edit(on, account, entries, std::nullopt, now);
    std::map<entry_id, flagged_entry> outcomes;
    for (const auto id : in_mailbox(edit, mailbox, entries)) {
        auto& outcome = outcomes[id];
        // RFC 7162 3.1.3: an entry with a greater modseq is left as it is, and said so.
        const bool modified = unchanged_since && edit.find(id)->modseq > *unchanged_since;
        outcome.outcome = modified ? changed_entry::status::modified : changed_entry::status::done;
        if (!modified) {
            auto flags = wanted.apply(edit.find(id)->flags);
            if (!flags) return std::unexpected(flags.error());
            edit.set_flags(id, *std::move(flags));
        }
        outcome.modseq = edit.find(id)->modseq;
        outcome.flags = edit.find(id)->flags;
    }
    edit.write();
    std::vector<flagged_entry> all;
    for (const auto id : entries) {
        const auto at = outcomes.find(id);
        all.push_back(at == outcomes.end() ? flagged_entry{} : at->second);
        all.back().id = id;
    }
    return all;
}

/// Calls `place` for each entry of `from` that is there, by uid: it says the uid the entry, or its copy, has in `to`.
template <class F>
core::result<std::vector<placed_entry>> place_each(connection& on, account_id account, mailbox_id from,
                                                   const std::vector<entry_id>& entries, mailbox_id to, core::timestamp now,
                                                   F place) {
    if (auto found = check_mailbox(on, account, from); !found) return std::unexpected(found.error());
    mailbox_edit edit(on, account, entries, to, now);
    if (!edit.has_target()) return core::fail(errc::not_found, "there is no such mailbox");
    std::vector<placed_entry> all;
    for (const auto id : in_mailbox(edit, from, entries)) {
        const auto uid = edit.find(id)->uid;
        all.push_back({uid, place(edit, id)});
    }
    edit.write();
    return all;
}

core::result<std::vector<placed_entry>> copy_entries(connection& on, account_id account, mailbox_id from,
                                                     const std::vector<entry_id>& entries, mailbox_id to, core::timestamp now) {
    return place_each(on, account, from, entries, to, now, [](mailbox_edit& edit, entry_id id) { return edit.copy(id); });
}

core::result<std::vector<placed_entry>> move_entries(connection& on, account_id account, mailbox_id from,
                                                     const std::vector<entry_id>& entries, mailbox_id to, core::timestamp now) {
    return place_each(on, account, from, entries, to, now, [same = from == to](mailbox_edit& edit, entry_id id) {
        if (same) {
            edit.renumber(id);
        } else {
            edit.move(id);
        }
        return edit.find(id)->uid;
    });
}

/// What is on its way out is locked before the mailboxes, wherever the entries are: they may be moved here meanwhile.
void lock_outbound_behind(connection& on, account_id account, const std::vector<entry_id>& entries) {
    std::vector<message_id> messages;
    in_lists(on, entries, [&](const std::string& list) {
        message_id message;
        query rows(on,
                   "SELECT e.message_id FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
                   " WHERE b.account_id = :account AND e.id IN (" +
                       list + ")");
        rows.use("account", account).into(message);
        while (rows.next()) messages.push_back(message);
    });
    std::ranges::sort(messages);
    lock_outbound(on, messages);
}

core::result<std::vector<std::int64_t>> expunge_entries(connection& on, account_id account, mailbox_id mailbox,
                                                        const std::vector<entry_id>& entries, core::timestamp now) {
    if (auto found = check_mailbox(on, account, mailbox); !found) return std::unexpected(found.error());
    lock_outbound_behind(on, account, entries);
    mailbox_edit edit(on, account, entries, std::nullopt, now);
    std::vector<std::int64_t> gone;
    for (const auto id : in_mailbox(edit, mailbox, entries)) {
        if (!edit.find(id)->flags.deleted) continue;
        gone.push_back(edit.find(id)->uid);
        edit.erase(id);
    }
    edit.write();
    return gone;
}

}  // namespace

net::awaitable<core::result<std::vector<flagged_entry>>> soci_imap_store::change_flags(
    account_id account, mailbox_id mailbox, std::vector<entry_id> entries, flag_change wanted,
    std::optional<std::int64_t> unchanged_since, core::timestamp now) {
    if (auto few = check_few(entries); !few) co_return std::unexpected(few.error());
    auto edit = flag_edit::make(wanted);
    if (!edit) co_return std::unexpected(edit.error());
    auto done = co_await writes_.run(
        [account, mailbox, entries = std::move(entries), edit = *std::move(edit), unchanged_since, now](connection& on) {
            return update_flags(on, account, mailbox, entries, edit, unchanged_since, now);
        });
    if (done) changed_(account);
    co_return done;
}

net::awaitable<core::result<std::vector<placed_entry>>> soci_imap_store::copy(account_id account, mailbox_id from,
                                                                              std::vector<entry_id> entries, mailbox_id to,
                                                                              core::timestamp now) {
    if (auto few = check_few(entries); !few) co_return std::unexpected(few.error());
    auto done = co_await writes_.run([account, from, entries = std::move(entries), to, now](connection& on) {
        return copy_entries(on, account, from, entries, to, now);
    });
    if (done) changed_(account);
    co_return done;
}

net::awaitable<core::result<std::vector<placed_entry>>> soci_imap_store::move(account_id account, mailbox_id from,
                                                                              std::vector<entry_id> entries, mailbox_id to,
                                                                              core::timestamp now) {
    if (auto few = check_few(entries); !few) co_return std::unexpected(few.error());
    auto done = co_await writes_.run([account, from, entries = std::move(entries), to, now](connection& on) {
        return move_entries(on, account, from, entries, to, now);
    });
    if (done) changed_(account);
    co_return done;
}

net::awaitable<core::result<std::vector<std::int64_t>>> soci_imap_store::expunge(account_id account, mailbox_id mailbox,
                                                                                 std::vector<entry_id> entries,
                                                                                 core::timestamp now) {
    if (auto few = check_few(entries); !few) co_return std::unexpected(few.error());
    auto gone = co_await writes_.run([account, mailbox, entries = std::move(entries), now](connection& on) {
        return expunge_entries(on, account, mailbox, entries, now);
    });
    if (gone && !gone->empty()) changed_(account);
    co_return gone;
}

net::awaitable<core::result<std::int64_t>> soci_imap_store::append(account_id account, mailbox_id mailbox,
                                                                   imported_message message, entry_flags flags,
                                                                   core::timestamp now) {
    const auto edit = flag_edit::make({flag_change::action::replace, std::move(flags)});
    if (!edit) co_return std::unexpected(edit.error());
    auto kept = edit->apply({});
    if (!kept) co_return std::unexpected(kept.error());
    message.seen = kept->seen;
    message.flagged = kept->flagged;
    message.answered = kept->answered;
    imported_circumstances how{.account = account,
                               .mailbox = mailbox,
                               .event = "appended",
                               .now = now,
                               .deleted = kept->deleted,
                               .draft = kept->draft,
                               .keywords = std::move(kept->keywords)};
    const auto octets = message.octets->size();
    auto uid = co_await writes_.run_storing(
        octets, [how = std::move(how), message = std::move(message)](connection& on) -> core::result<std::int64_t> {
            return insert_imported(on, how, std::span(&message, 1));
        });
    if (uid) changed_(account);
    co_return uid;
}

}  // namespace postern::storage
