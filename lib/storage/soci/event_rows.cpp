#include "storage/soci/event_rows.hpp"

#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {

std::vector<message_event> select_events(connection& on, message_id id) {
    std::vector<message_event> events;
    message_event row;
    query rows(on,
               "SELECT " + dialect::micros(on.kind(), "at") +
                   ", kind, recipient, CAST(detail AS text) FROM message_timeline WHERE message_id = :id ORDER BY id, step");
    rows.use("id", id).into(row.at).into(row.kind).into(row.recipient).into(row.detail);
    while (rows.next()) events.push_back(row);
    return events;
}

}  // namespace postern::storage
