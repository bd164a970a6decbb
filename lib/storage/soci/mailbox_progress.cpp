#include "storage/soci/mailbox_progress.hpp"

#include <fmt/format.h>

#include "storage/soci/query.hpp"

namespace postern::storage {

std::vector<waiting_mailbox> select_waiting(connection& on, std::string_view table, std::optional<account_id> account,
                                            std::size_t limit) {
    std::vector<waiting_mailbox> all;
    waiting_mailbox row;
    query rows(on, fmt::format("SELECT b.id, b.account_id, COALESCE(p.indexed_uid, 1), b.uid_next FROM mailbox b"
                               " LEFT JOIN {} p ON p.mailbox_id = b.id WHERE b.uid_next > COALESCE(p.indexed_uid, 1){}"
                               " ORDER BY b.id LIMIT :rows",
                               table, account ? " AND b.account_id = :account" : ""));
    if (account) rows.use("account", *account);
    rows.use("rows", static_cast<std::int64_t>(limit)).into(row.id).into(row.account).into(row.done).into(row.uid_next);
    while (rows.next()) all.push_back(row);
    return all;
}

void note_progress(connection& on, std::string_view table, const mailbox_progress& done) {
    for (const auto& [mailbox, uid] : done) {
        query(on, fmt::format("INSERT INTO {0} (mailbox_id, indexed_uid) SELECT id, :uid FROM mailbox WHERE id = :mailbox"
                              " ON CONFLICT (mailbox_id) DO UPDATE SET indexed_uid = excluded.indexed_uid"
                              " WHERE excluded.indexed_uid > {0}.indexed_uid",
                              table))
            .use("uid", uid)
            .use("mailbox", mailbox)
            .run();
    }
}

}  // namespace postern::storage
