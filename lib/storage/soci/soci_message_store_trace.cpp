#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "storage/soci/arrival_rows.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/event_rows.hpp"
#include "storage/soci/json_columns.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/soci_message_store.hpp"

namespace postern::storage {
namespace {

void select_places(connection& on, message_trace& into) {
    message_trace::place row;
    query rows(on,
               "SELECT e.id, a.local_part, d.name, b.name, e.uid, e.delivered_to"
               " FROM mailbox_message e JOIN mailbox b ON b.id = e.mailbox_id"
               " JOIN address a ON a.id = b.account_id JOIN domain d ON d.id = a.domain_id"
               " WHERE e.message_id = :id ORDER BY e.id");
    rows.use("id", into.id).into(row.entry).into(row.account.local_part).into(row.account.domain);
    rows.into(row.mailbox).into(row.uid).into(row.delivered_to);
    while (rows.next()) into.places.push_back(row);
}

core::result<message_trace> select_trace(connection& on, message_id id) {
    message_trace found{.id = id, .received_at = {}, .reverse_path = {}, .recipients = {}, .places = {}, .events = {}};
    std::string recipients;
    query row(on, "SELECT " + dialect::micros(on.kind(), "received_at") +
                      ", reverse_path, CAST(recipients AS text), size FROM message WHERE id = :id");
    row.use("id", id).into(found.received_at).into(found.reverse_path).into(recipients).into(found.size);
    if (!row.next()) return core::fail(errc::not_found, fmt::format("there is no message {}", id.value));
    found.recipients = texts_from_json(recipients);
    select_places(on, found);
    found.events = select_events(on, id);
    return found;
}

constexpr std::size_t longest_list = 501;

/// The newest ids that the index of senders or those of recipients, the first in a message's row and others through its events,
/// answer.
std::string wanted(const message_store::trace_filter& f) {
    const std::string newest = " ORDER BY id DESC LIMIT :limit";
    const std::string from = "lower(m.reverse_path) = lower(:sender)";
    if (!f.recipient) return "SELECT id FROM message m WHERE " + from + " AND id < :before" + newest;
    const auto first = "SELECT m.id FROM message m WHERE lower(m.recipients ->> 0) = lower(:recipient) AND m.id < :before" +
                       (f.sender ? " AND " + from : "") + newest;
    const auto other = "SELECT DISTINCT e.message_id AS id FROM message_event e" +
                       std::string(f.sender ? " JOIN message m ON m.id = e.message_id" : "") +
                       " WHERE lower(e.recipient) = lower(:recipient) AND e.recipient <> '' AND e.message_id < :before" +
                       (f.sender ? " AND " + from : "") + newest;
    return "SELECT id FROM (" + first + ") AS firsts UNION SELECT id FROM (" + other + ") AS others" + newest;
}

core::result<std::vector<message_trace>> select_traces(connection& on, const message_store::trace_filter& f) {
    if (!f.sender && !f.recipient) return std::vector<message_trace>();
    std::vector<message_id> ids;
    message_id id;
    query rows(on, wanted(f));
    if (f.sender) rows.use("sender", *f.sender);
    if (f.recipient) rows.use("recipient", *f.recipient);
    rows.use("before", f.before.value_or(message_id{std::numeric_limits<std::int64_t>::max()}));
    rows.use("limit", static_cast<std::int64_t>(std::clamp<std::size_t>(f.limit, 1, longest_list))).into(id);
    while (rows.next()) ids.push_back(id);
    std::vector<message_trace> found;
    for (const auto each : ids) {
        if (auto trace = select_trace(on, each)) found.push_back(*std::move(trace));  // else it went this moment
    }
    return found;
}

core::result<std::vector<entry_id>> select_by_message_id(connection& on, account_id account, const std::string& id) {
    std::vector<entry_id> found;
    entry_id row;
    query rows(on,
               "SELECT e.id FROM thread_reference r JOIN mailbox_message e ON e.thread_id = r.thread_id"
               " JOIN mailbox b ON b.id = e.mailbox_id JOIN message m ON m.id = e.message_id"
               " WHERE r.account_id = :account AND r.reference = :reference AND b.account_id = :account"
               " AND COALESCE(b.role, '') <> 'drafts' AND m.header_message_id = :id ORDER BY e.id LIMIT 100");
    rows.use("account", account).use("reference", reference_number(id)).use("id", id).into(row);
    while (rows.next()) found.push_back(row);
    return found;
}

}  // namespace

net::awaitable<core::result<std::vector<message_trace>>> soci_message_store::list_traces(trace_filter f) {
    co_return co_await reads_->run([f = std::move(f)](connection& on) { return select_traces(on, f); });
}

net::awaitable<core::result<std::vector<entry_id>>> soci_message_store::find_by_message_id(account_id account,
                                                                                           std::string header_message_id) {
    co_return co_await reads_->run(
        [account, id = std::move(header_message_id)](connection& on) { return select_by_message_id(on, account, id); });
}

net::awaitable<core::result<message_trace>> soci_message_store::trace(message_id id) {
    co_return co_await reads_->run([id](connection& on) { return select_trace(on, id); });
}

net::awaitable<core::result<message_id>> soci_message_store::next_id() { return writes_.next_id(); }

net::awaitable<core::result<delivered>> soci_message_store::deliver(delivery d) { return writes_.deliver(std::move(d)); }

}  // namespace postern::storage
