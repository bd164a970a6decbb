#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "storage/soci/bounds.hpp"
#include "storage/soci/mailbox_progress.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/search_text.hpp"
#include "storage/soci/soci_search_store.hpp"

namespace postern::storage {
namespace {

/// Whose turn it is to index: one process's, as long as its lane's session lasts; then another goes on.
class turn {
public:
    explicit turn(connection& on) : on_(on) {}

    bool take() {
        constexpr std::int64_t search_lock = 0x504F535453454152;  // "POSTSEAR" in ASCII
        if (on_.kind() == backend::sqlite || ours_) return true;
        query(on_, fmt::format("SELECT CAST(pg_try_advisory_lock({}) AS integer)", search_lock)).into(ours_).next();
        return ours_;
    }

private:
    connection& on_;
    bool ours_ = false;
};

constexpr auto index_progress = "search_progress";

/// How far it came.
std::int64_t select_unindexed_of(connection& on, const waiting_mailbox& box, std::size_t limit,
                                 std::vector<unindexed_entry>& into) {
    unindexed_entry row;
    row.account = box.account;
    std::int64_t uid = 0;
    std::int64_t indexed = 0;
    std::size_t count = 0;
    query rows(on, fmt::format("SELECT e.id, e.message_id, e.uid, COALESCE((SELECT s.message_id FROM search_document s"
                               " WHERE s.{} = e.id), 0) FROM mailbox_message e WHERE e.mailbox_id = :mailbox AND e.uid >= :done"
                               " AND e.uid < :uid_next ORDER BY e.uid LIMIT :rows",
                               on.kind() == backend::sqlite ? "rowid" : "entry_id"));
    rows.use("mailbox", box.id).use("done", box.done).use("uid_next", box.uid_next);
    rows.use("rows", static_cast<std::int64_t>(limit)).into(row.id).into(row.message).into(uid).into(indexed);
    while (rows.next()) {
        row.known = indexed == row.message.value;
        into.push_back(row);
        ++count;
    }
    return count < limit ? box.uid_next : uid + 1;
}

core::result<unindexed_entries> select_unindexed(connection& on, std::optional<account_id> account, std::size_t limit) {
    unindexed_entries next;
    if (!on.kept<turn>().take()) return next;
    for (const auto& box : select_waiting(on, index_progress, account, limit)) {
        if (next.entries.size() >= limit) break;
        next.progress[box.id] = select_unindexed_of(on, box, limit - next.entries.size(), next.entries);
    }
    return next;
}

/// The entry, if it is there with that message: it may be gone by now, or be a draft written anew.
constexpr auto source =
    " FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
    " WHERE e.id = :entry AND e.message_id = :message AND b.account_id = :account";

void write_sqlite(connection& on, const search_document& d) {
    on.restart_deadline();
    query(on, "DELETE FROM search_document WHERE rowid = :entry").use("entry", d.entry).run();
    query(on,
          "INSERT INTO search_document (rowid, account, sender, recipients, subject, body, attachments, message_id)"
          " SELECT e.id, :account_term, :sender, :recipients, :subject, :body, :attachments, e.message_id" +
              std::string(source))
        .use("account_term", to_fts5(d.account))
        .use("sender", to_fts5(d.words.sender))
        .use("recipients", to_fts5(d.words.recipients))
        .use("subject", to_fts5(d.words.subject))
        .use("body", to_fts5(d.words.body))
        .use("attachments", to_fts5(d.words.attachments))
        .use("entry", d.entry)
        .use("message", d.message)
        .use("account", d.account)
        .run();
}

void write_postgresql(connection& on, const search_document& d) {
    query(on,
          "INSERT INTO search_document (entry_id, account_id, message_id, tsv)"
          " SELECT e.id, b.account_id, e.message_id, CAST(:tsv AS tsvector)" +
              std::string(source) +
              " FOR KEY SHARE OF e ON CONFLICT (entry_id) DO UPDATE SET message_id = excluded.message_id, tsv = excluded.tsv")
        .use("tsv", to_tsvector(d))
        .use("entry", d.entry)
        .use("message", d.message)
        .use("account", d.account)
        .run();
}

/// The mailboxes' rows first, as everybody locks them.
core::result<void> write(connection& on, const std::vector<search_document>& documents,
                         const std::map<mailbox_id, std::int64_t>& progress) {
    note_progress(on, index_progress, progress);
    for (const auto& d : documents) on.kind() == backend::sqlite ? write_sqlite(on, d) : write_postgresql(on, d);
    return {};
}

}  // namespace

net::awaitable<core::result<unindexed_entries>> soci_search_store::next_unindexed(std::optional<account_id> account,
                                                                                  std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_at_once);
    co_return co_await writes_.run_behind([account, most](connection& on) { return select_unindexed(on, account, most); });
}

net::awaitable<core::result<void>> soci_search_store::index(std::vector<search_document> documents,
                                                            std::map<mailbox_id, std::int64_t> progress) {
    co_return co_await writes_.run_behind([documents = std::move(documents), progress = std::move(progress)](connection& on) {
        return write(on, documents, progress);
    });
}

}  // namespace postern::storage
