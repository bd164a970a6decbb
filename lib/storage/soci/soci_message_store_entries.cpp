#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "storage/soci/bounds.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/entry_columns.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/role_column.hpp"
#include "storage/soci/soci_message_store.hpp"

namespace postern::storage {
namespace {

core::result<std::vector<mailbox>> select_mailboxes(connection& on, account_id account) {
    std::vector<mailbox> all;
    mailbox row;
    row.account = account;
    std::string role;
    query rows(on,
               "SELECT id, name, COALESCE(role, ''), total, unread, uid_validity, uid_next, highest_modseq,"
               " CAST(subscribed AS integer) FROM mailbox WHERE account_id = :account ORDER BY " +
                   dialect::by_octets(on.kind(), "name"));
    rows.use("account", account).into(row.id).into(row.name).into(role).into(row.total).into(row.unread);
    rows.into(row.uid_validity).into(row.uid_next).into(row.highest_modseq).into(row.subscribed);
    while (rows.next()) {
        row.role = role_from_column(role);
        all.push_back(row);
    }
    // The order people know: Inbox, Sent, ..., then their own by name.
    std::ranges::sort(all, {}, [](const mailbox& m) {
        const bool own = m.role == mailbox_role::none;
        return std::make_tuple(own, own ? 0 : static_cast<int>(m.role), m.name);
    });
    return all;
}

/// One statement, so that the total and the entries are of one moment, and one row more than the page tells whether it is the
/// last.
core::result<entry_page> select_page(connection& on, account_id account, mailbox_id mailbox, std::int64_t before_uid,
                                     std::size_t limit) {
    entry_page page;
    entry_columns columns;
    query rows(on, entry_columns::page(on.kind()));
    rows.use("mailbox", mailbox).use("account", account).use("before", before_uid);
    rows.use("rows", static_cast<std::int64_t>(limit + 1)).into(page.total);
    columns.define(rows);
    bool found = false;
    while (rows.next()) {
        found = true;
        auto row = columns.take();
        if (!row) continue;
        if (page.entries.size() == limit) {
            page.next_uid = page.entries.back().uid;
        } else {
            page.entries.push_back(*std::move(row));
        }
    }
    if (!found) return core::fail(errc::not_found, "there is no such mailbox");
    return page;
}

core::result<entry> select_entry(connection& on, account_id account, std::int64_t entry_or_message) {
    entry_columns columns;
    query rows(on, "SELECT " + entry_columns::list(on.kind()) +
                       " FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                       " WHERE (e.id = :number OR e.message_id = :number) AND b.account_id = :account"
                       " ORDER BY e.id + 0 LIMIT 1");  // + 0: else a planner may walk all entries in order of id
    rows.use("number", entry_or_message).use("account", account);
    columns.define(rows);
    if (!rows.next()) return core::fail(errc::not_found, "there is no such message");
    return *columns.take();
}

}  // namespace

net::awaitable<core::result<std::vector<mailbox>>> soci_message_store::list_mailboxes(account_id account) {
    co_return co_await reads_->run([account](connection& on) { return select_mailboxes(on, account); });
}

net::awaitable<core::result<entry_page>> soci_message_store::list_entries(account_id account, mailbox_id mailbox,
                                                                          std::optional<std::int64_t> before_uid,
                                                                          std::size_t limit) {
    const auto before = before_uid.value_or(std::numeric_limits<std::int64_t>::max());
    const auto rows = std::clamp<std::size_t>(limit, 1, largest_page);
    co_return co_await reads_->run(
        [account, mailbox, before, rows](connection& on) { return select_page(on, account, mailbox, before, rows); });
}

net::awaitable<core::result<entry>> soci_message_store::find_entry(account_id account, std::int64_t entry_or_message) {
    co_return co_await reads_->run(
        [account, entry_or_message](connection& on) { return select_entry(on, account, entry_or_message); });
}

}  // namespace postern::storage
