#include "storage/soci/soci_upkeep_store.hpp"

#include <algorithm>
#include <span>

#include "storage/soci/dialect.hpp"
#include "storage/soci/imported_rows.hpp"
#include "storage/soci/mailbox_edit.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/role_column.hpp"
#include "storage/soci/unheld_rows.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t most_logins = 10'000;

/// The marks without a product that could overflow.
constexpr const char* percent_now =
    "CASE WHEN t.quota_limit IS NULL THEN 0 WHEN t.quota_used >= t.quota_limit - t.quota_limit / 20 THEN 95"
    " WHEN t.quota_used >= t.quota_limit - t.quota_limit / 5 THEN 80 ELSE 0 END";

struct old_entries {
    account_id account;
    std::vector<entry_id> entries;
};

/// Those of one account, whichever the database finds first.
core::result<old_entries> select_old(connection& on, mailbox_role role, core::timestamp time, std::size_t limit) {
    old_entries found;
    entry_id id;
    account_id account;
    query rows(on,
               "SELECT b.account_id, e.id FROM mailbox b JOIN mailbox_message e ON e.mailbox_id = b.id WHERE b.role = :role"
               " AND COALESCE(e.arrived_at, e.received_at) < " +
                   dialect::time(on.kind(), ":time") + " ORDER BY b.id, e.uid LIMIT :rows");
    rows.use("role", std::string(to_column(role))).use("time", time).use("rows", static_cast<std::int64_t>(limit));
    rows.into(account).into(id);
    while (rows.next()) {
        if (!found.entries.empty() && account != found.account) break;
        found.account = account;
        found.entries.push_back(id);
    }
    return found;
}

/// What a person took out again meanwhile stays.
core::result<std::size_t> erase_old(connection& on, mailbox_role role, const old_entries& old, core::timestamp now) {
    const auto place = find_mailbox(on, old.account, role);
    if (!place) return std::size_t{0};
    std::vector<message_id> messages;
    message_id message;
    for (const auto id : old.entries) {
        query row(on, "SELECT message_id FROM mailbox_message WHERE id = :id");
        if (row.use("id", id).into(message).next()) messages.push_back(message);
    }
    std::ranges::sort(messages);
    lock_outbound(on, messages);
    mailbox_edit edit(on, old.account, old.entries, std::nullopt, now);
    std::size_t erased = 0;
    for (const auto id : old.entries) {
        const auto* held = edit.find(id);
        if (held == nullptr || held->mailbox != *place) continue;
        edit.erase(id);
        ++erased;
    }
    edit.write();
    return erased;
}

core::result<std::size_t> delete_logins(connection& on, core::timestamp time, std::size_t limit) {
    const auto removed =
        query(on, "DELETE FROM login WHERE id IN (SELECT id FROM login WHERE at < " + dialect::time(on.kind(), ":time") +
                      " ORDER BY at LIMIT :rows" + dialect::skip_locked(on.kind()) + ")")
            .use("time", time)
            .use("rows", static_cast<std::int64_t>(limit))
            .run();
    return static_cast<std::size_t>(removed);
}

core::result<std::vector<quota_news>> select_news(connection& on, std::size_t limit) {
    std::vector<quota_news> all;
    quota_news row;
    std::int64_t percent = 0;
    std::int64_t told = 0;
    query rows(on, std::string("SELECT * FROM (SELECT t.id, a.local_part, d.name AS domain, t.name, t.quota_used,"
                               " COALESCE(t.quota_limit, 0) AS quota, ") +
                       percent_now +
                       " AS percent, t.quota_told FROM account t JOIN address a ON a.id = t.id JOIN domain d ON d.id ="
                       " a.domain_id) f WHERE percent <> quota_told ORDER BY id LIMIT :rows");
    rows.use("rows", static_cast<std::int64_t>(limit)).into(row.account).into(row.address.local_part);
    rows.into(row.address.domain).into(row.name).into(row.used).into(row.limit).into(percent).into(told);
    while (rows.next()) {
        row.percent = static_cast<int>(percent);
        row.told = static_cast<int>(told);
        all.push_back(row);
    }
    return all;
}

/// The Inbox is locked before the account, as by every delivery.
core::result<bool> note_told(connection& on, const quota_news& news, const std::optional<imported_message>& warning,
                             core::timestamp now) {
    if (warning) {
        const auto inbox = find_mailbox(on, news.account, mailbox_role::inbox);
        if (!inbox) return false;
        insert_imported(on, {news.account, *inbox, "composed", true, now}, std::span(&*warning, 1));
    }
    // The account's row is locked now, and has grown by the warning: who was here first has changed quota_told.
    const auto changed = query(on, "UPDATE account SET quota_told = :percent WHERE id = :id AND quota_told = :told")
                             .use("percent", std::int64_t{news.percent})
                             .use("id", news.account)
                             .use("told", std::int64_t{news.told})
                             .run();
    if (changed == 0) throw database_error(errc::refused, "somebody else has told of it");
    return true;
}

}  // namespace

net::awaitable<core::result<std::size_t>> soci_upkeep_store::remove_entries_before(mailbox_role role, core::timestamp time,
                                                                                   std::size_t limit, core::timestamp now) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_entries);
    auto old = co_await reads_.run([role, time, most](connection& on) { return select_old(on, role, time, most); });
    if (!old) co_return std::unexpected(old.error());
    if (old->entries.empty()) co_return std::size_t{0};
    const auto account = old->account;
    const auto found = old->entries.size();
    auto erased =
        co_await writes_.run([role, old = *std::move(old), now](connection& on) { return erase_old(on, role, old, now); });
    if (!erased) co_return std::unexpected(erased.error());
    changed_(account);
    co_return found;
}

net::awaitable<core::result<std::size_t>> soci_upkeep_store::remove_logins_before(core::timestamp time, std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_logins);
    co_return co_await writes_.run([time, most](connection& on) { return delete_logins(on, time, most); });
}

net::awaitable<core::result<std::vector<quota_news>>> soci_upkeep_store::list_quota_news(std::size_t limit) {
    co_return co_await reads_.run([limit](connection& on) { return select_news(on, limit); });
}

net::awaitable<core::result<bool>> soci_upkeep_store::tell_of_quota(quota_news news, std::optional<imported_message> warning,
                                                                    core::timestamp now) {
    const auto account = news.account;
    auto told = co_await writes_.run([news = std::move(news), warning = std::move(warning), now](connection& on) {
        return note_told(on, news, warning, now);
    });
    if (!told && told.error().code == errc::refused) co_return false;
    if (told && *told) changed_(account);
    co_return told;
}

}  // namespace postern::storage
