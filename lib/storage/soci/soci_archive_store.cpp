#include "storage/soci/soci_archive_store.hpp"

#include <algorithm>

#include "storage/soci/dialect.hpp"
#include "storage/soci/imported_rows.hpp"
#include "storage/soci/octet_columns.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t most_listed = 1'000;

core::result<std::vector<archived_entry>> select_archived(connection& on, account_id account, mailbox_id mailbox,
                                                          std::int64_t after_uid, std::size_t limit) {
    std::vector<archived_entry> all;
    archived_entry row;
    std::string sha256;
    query rows(on,
               "SELECT e.id, e.message_id, e.uid, CAST(e.seen AS integer), CAST(e.flagged AS integer),"
               " CAST(e.answered AS integer), " +
                   dialect::micros(on.kind(), "e.received_at") + ", m.size, m.reverse_path, " +
                   dialect::hex(on.kind(), "m.sha256") +
                   " FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                   " WHERE e.mailbox_id = :mailbox AND b.account_id = :account AND e.uid > :after"
                   " ORDER BY e.uid LIMIT :rows");
    rows.use("mailbox", mailbox).use("account", account).use("after", after_uid);
    rows.use("rows", static_cast<std::int64_t>(limit));
    rows.into(row.id).into(row.message).into(row.uid).into(row.seen).into(row.flagged).into(row.answered);
    rows.into(row.received_at).into(row.size).into(row.reverse_path).into(sha256);
    while (rows.next()) {
        row.sha256 = octets_from_hex<32>(sha256);
        all.push_back(row);
    }
    return all;
}

}  // namespace

net::awaitable<core::result<std::vector<archived_entry>>> soci_archive_store::list(account_id account, mailbox_id mailbox,
                                                                                   std::int64_t after_uid, std::size_t limit) {
    const auto rows = std::clamp<std::size_t>(limit, 1, most_listed);
    co_return co_await reads_.run(
        [account, mailbox, after_uid, rows](connection& on) { return select_archived(on, account, mailbox, after_uid, rows); });
}

net::awaitable<core::result<void>> soci_archive_store::add(account_id account, mailbox_id mailbox,
                                                           std::vector<imported_message> messages, bool beyond_quota,
                                                           core::timestamp now) {
    imported_circumstances how{account, mailbox, "imported", beyond_quota, now};
    auto done =
        co_await writes_.run([how = std::move(how), messages = std::move(messages)](connection& on) -> core::result<void> {
            insert_imported(on, how, messages);
            return {};
        });
    if (done) changed_(account);
    co_return done;
}

}  // namespace postern::storage
