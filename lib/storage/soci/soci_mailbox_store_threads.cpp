#include <algorithm>

#include "storage/soci/arrival_rows.hpp"
#include "storage/soci/bounds.hpp"
#include "storage/soci/entry_columns.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_mailbox_store.hpp"

namespace postern::storage {
namespace {

core::result<std::size_t> thread_next(connection& on, std::optional<account_id> account, std::size_t limit) {
    const auto next = take_arrivals(on, account, limit);
    assign_threads(on, next.entries);
    note_progress(on, next);
    return next.entries.size();
}

core::result<std::vector<entry>> select_thread(connection& on, account_id account, thread_id thread) {
    thread_id now = thread;
    query moved(on, "SELECT COALESCE(thread_id, id) FROM mailbox_message WHERE id = :thread");
    moved.use("thread", thread).into(now).next();

    std::vector<entry> all;
    entry_columns columns;
    query rows(on, "SELECT " + entry_columns::list(on.kind()) +
                       " FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
                       " WHERE (e.thread_id = :thread OR (e.id = :thread AND e.thread_id IS NULL)) AND b.account_id = :account"
                       " ORDER BY e.received_at DESC, e.id DESC LIMIT :rows");
    rows.use("thread", now).use("account", account).use("rows", static_cast<std::int64_t>(mailbox_store::longest_thread));
    columns.define(rows);
    while (rows.next()) all.push_back(*columns.take());
    if (all.empty()) return core::fail(errc::not_found, "there is no such thread");
    std::ranges::reverse(all);
    return all;
}

}  // namespace

net::awaitable<core::result<std::size_t>> soci_mailbox_store::thread_arrivals(std::optional<account_id> account,
                                                                              std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_at_once);
    co_return co_await writes_.run_behind([account, most](connection& on) { return thread_next(on, account, most); });
}

net::awaitable<core::result<std::vector<entry>>> soci_mailbox_store::list_thread(account_id account, thread_id thread) {
    co_return co_await reads_.run([account, thread](connection& on) { return select_thread(on, account, thread); });
}

}  // namespace postern::storage
