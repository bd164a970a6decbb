#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "storage/soci/id_list.hpp"
#include "storage/soci/mailbox_edit.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_mailbox_store.hpp"
#include "storage/soci/unheld_rows.hpp"

namespace postern::storage {
namespace {

using status = changed_entry::status;

core::result<void> check_count(const std::vector<entry_id>& entries) {
    if (entries.size() <= mailbox_store::most_entries) return {};
    return core::fail(errc::refused, fmt::format("at most {} at once", mailbox_store::most_entries));
}

/// Calls `each` for every entry that is there and as expected; says what became of all of them.
template <class F>
std::vector<changed_entry> apply_to_each(mailbox_edit& edit, const std::vector<entry_id>& entries,
                                         std::optional<std::int64_t> if_modseq, F each) {
    std::map<entry_id, status> outcomes;
    for (const auto id : edit.in_order(entries)) {
        const bool modified = if_modseq && edit.find(id)->modseq != *if_modseq;
        outcomes[id] = modified ? status::modified : status::done;
        if (!modified) each(id);
    }
    edit.write();
    std::vector<changed_entry> all;
    for (const auto id : entries) {
        const auto at = outcomes.find(id);
        all.push_back({id, at == outcomes.end() ? status::missing : at->second});
    }
    return all;
}

core::result<std::vector<changed_entry>> update(connection& on, account_id account, const std::vector<entry_id>& entries,
                                                const entry_change& wanted, std::optional<std::int64_t> if_modseq,
                                                core::timestamp now) {
    if (auto few = check_count(entries); !few) return std::unexpected(few.error());
    mailbox_edit edit(on, account, entries, wanted.mailbox, now);
    if (wanted.mailbox && !edit.has_target()) return core::fail(errc::not_found, "there is no such mailbox");
    return apply_to_each(edit, entries, if_modseq, [&](entry_id id) {
        edit.set_flags(id, wanted);
        if (wanted.mailbox) edit.move(id);
    });
}

/// What is on its way out is locked before the mailboxes, and only what is in Trash can go for good.
void lock_outbound_of(connection& on, mailbox_id trash, const std::vector<entry_id>& entries) {
    std::vector<message_id> messages;
    in_lists(on, entries, [&](const std::string& list) {
        message_id message;
        query rows(on, "SELECT message_id FROM mailbox_message WHERE mailbox_id = :trash AND id IN (" + list + ")");
        rows.use("trash", trash).into(message);
        while (rows.next()) messages.push_back(message);
    });
    std::ranges::sort(messages);
    lock_outbound(on, messages);
}

core::result<std::vector<changed_entry>> discard_entries(connection& on, account_id account,
                                                         const std::vector<entry_id>& entries,
                                                         std::optional<std::int64_t> if_modseq, core::timestamp now) {
    if (auto few = check_count(entries); !few) return std::unexpected(few.error());
    const auto trash = find_mailbox(on, account, mailbox_role::trash);
    if (!trash) return core::fail(errc::not_found, "there is no such account");
    lock_outbound_of(on, *trash, entries);
    mailbox_edit edit(on, account, entries, trash, now);
    return apply_to_each(edit, entries, if_modseq, [&](entry_id id) {
        if (edit.find(id)->mailbox == *trash) {
            edit.erase(id);
        } else {
            edit.move(id);
        }
    });
}

}  // namespace

net::awaitable<core::result<std::vector<changed_entry>>> soci_mailbox_store::change(account_id account,
                                                                                    std::vector<entry_id> entries,
                                                                                    entry_change wanted,
                                                                                    std::optional<std::int64_t> if_modseq,
                                                                                    core::timestamp now) {
    auto done = co_await writes_.run([account, entries = std::move(entries), wanted, if_modseq, now](connection& on) {
        return update(on, account, entries, wanted, if_modseq, now);
    });
    if (done) changed_(account);
    co_return done;
}

net::awaitable<core::result<std::vector<changed_entry>>> soci_mailbox_store::discard(account_id account,
                                                                                     std::vector<entry_id> entries,
                                                                                     std::optional<std::int64_t> if_modseq,
                                                                                     core::timestamp now) {
    auto done = co_await writes_.run([account, entries = std::move(entries), if_modseq, now](connection& on) {
        return discard_entries(on, account, entries, if_modseq, now);
    });
    if (done) changed_(account);
    co_return done;
}

}  // namespace postern::storage
