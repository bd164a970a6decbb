#include <fmt/format.h>

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

}  // namespace

net::awaitable<core::result<message_trace>> soci_message_store::trace(message_id id) {
    co_return co_await reads_->run([id](connection& on) { return select_trace(on, id); });
}

net::awaitable<core::result<message_id>> soci_message_store::next_id() { return writes_.next_id(); }

net::awaitable<core::result<delivered>> soci_message_store::deliver(delivery d) { return writes_.deliver(std::move(d)); }

}  // namespace postern::storage
