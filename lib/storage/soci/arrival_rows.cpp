#include "storage/soci/arrival_rows.hpp"

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/json_columns.hpp"
#include "storage/soci/mailbox_progress.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr auto arrival_progress = "mailbox_progress";

/// How far it came.
std::int64_t select_arrived(connection& on, const waiting_mailbox& box, std::size_t limit, std::vector<arrived_entry>& into) {
    arrived_entry row;
    row.account = box.account;
    row.mailbox = box.id;
    std::optional<std::int64_t> thread;
    std::string references;
    std::size_t count = 0;
    query rows(
        on,
        "SELECT e.id, e.message_id, e.uid, e.thread_id, m.header_message_id, m.in_reply_to, CAST(m.reference_list AS text)"
        " FROM mailbox_message e JOIN message m ON m.id = e.message_id"
        " WHERE e.mailbox_id = :mailbox AND e.uid >= :done AND e.uid < :uid_next ORDER BY e.uid LIMIT :rows");
    rows.use("mailbox", box.id).use("done", box.done).use("uid_next", box.uid_next);
    rows.use("rows", static_cast<std::int64_t>(limit)).into(row.id).into(row.message).into(row.uid).into(thread);
    rows.into(row.header_message_id).into(row.in_reply_to).into(references);
    while (rows.next()) {
        row.thread = thread ? std::optional(thread_id{*thread}) : std::nullopt;
        row.references = texts_from_json(references);
        into.push_back(row);
        ++count;
    }
    return count < limit ? box.uid_next : row.uid + 1;
}

}  // namespace

arrivals take_arrivals(connection& on, std::optional<account_id> account, std::size_t limit) {
    constexpr std::int64_t arrivals_lock = 0x504F535441525256;  // "POSTARRV" in ASCII; released at the transaction's end
    if (on.kind() == backend::postgresql) on.execute(fmt::format("SELECT pg_advisory_xact_lock({})", arrivals_lock));
    arrivals taken;
    for (const auto& box : select_waiting(on, arrival_progress, account, limit)) {
        if (taken.entries.size() >= limit) break;
        taken.progress[box.id] = select_arrived(on, box, limit - taken.entries.size(), taken.entries);
    }
    return taken;
}

void note_progress(connection& on, const arrivals& done) { note_progress(on, arrival_progress, done.progress); }

}  // namespace postern::storage
