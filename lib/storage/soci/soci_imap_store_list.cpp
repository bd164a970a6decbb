#include <algorithm>

#include "storage/soci/bounds.hpp"
#include "storage/soci/imap_columns.hpp"
#include "storage/soci/soci_imap_store.hpp"

namespace postern::storage {
namespace {

/// One statement: a mailbox without such entries is told from one that is not there.
core::result<std::vector<imap_entry>> select_imap_entries(connection& on, account_id account, mailbox_id mailbox,
                                                          std::int64_t after_uid, std::size_t limit) {
    std::vector<imap_entry> all;
    imap_columns columns;
    query rows(on, "SELECT " + imap_columns::list(on.kind()) +
                       " FROM mailbox b LEFT JOIN (SELECT * FROM mailbox_message WHERE mailbox_id = :mailbox AND uid > :after"
                       " ORDER BY uid LIMIT :rows) e ON e.mailbox_id = b.id LEFT JOIN message m ON m.id = e.message_id"
                       " WHERE b.id = :mailbox AND b.account_id = :account ORDER BY e.uid");
    rows.use("mailbox", mailbox).use("account", account).use("after", after_uid);
    rows.use("rows", static_cast<std::int64_t>(limit));
    columns.define(rows);
    bool found = false;
    while (rows.next()) {
        found = true;
        if (auto row = columns.take()) all.push_back(*std::move(row));
    }
    if (!found) return core::fail(errc::not_found, "there is no such mailbox");
    return all;
}

core::result<imap_store::figures> count_entries(connection& on, account_id account, mailbox_id mailbox) {
    imap_store::figures counted;
    query row(on,
              "SELECT (SELECT count(*) FROM mailbox_message e WHERE e.mailbox_id = b.id AND CAST(e.deleted AS integer) = 1),"
              " (SELECT CAST(COALESCE(sum(m.size), 0) AS bigint) FROM mailbox_message e JOIN message m ON m.id = e.message_id"
              " WHERE e.mailbox_id = b.id) FROM mailbox b WHERE b.id = :mailbox AND b.account_id = :account");
    row.use("mailbox", mailbox).use("account", account).into(counted.deleted).into(counted.size);
    if (!row.next()) return core::fail(errc::not_found, "there is no such mailbox");
    return counted;
}

core::result<void> update_subscribed(connection& on, account_id account, mailbox_id mailbox, bool wanted) {
    const auto found = query(on, "UPDATE mailbox SET subscribed = (:wanted <> 0) WHERE id = :mailbox AND account_id = :account")
                           .use("wanted", wanted)
                           .use("mailbox", mailbox)
                           .use("account", account)
                           .run();
    if (found == 0) return core::fail(errc::not_found, "there is no such mailbox");
    return {};
}

}  // namespace

net::awaitable<core::result<std::vector<imap_entry>>> soci_imap_store::list(account_id account, mailbox_id mailbox,
                                                                            std::int64_t after_uid, std::size_t limit) {
    const auto rows = std::clamp<std::size_t>(limit, 1, most_imap_entries);
    co_return co_await reads_.run([account, mailbox, after_uid, rows](connection& on) {
        return select_imap_entries(on, account, mailbox, after_uid, rows);
    });
}

net::awaitable<core::result<imap_store::figures>> soci_imap_store::count(account_id account, mailbox_id mailbox) {
    co_return co_await reads_.run([account, mailbox](connection& on) { return count_entries(on, account, mailbox); });
}

net::awaitable<core::result<void>> soci_imap_store::subscribe(account_id account, mailbox_id mailbox, bool wanted) {
    auto done = co_await writes_.run(
        [account, mailbox, wanted](connection& on) { return update_subscribed(on, account, mailbox, wanted); });
    if (done) changed_(account);
    co_return done;
}

}  // namespace postern::storage
