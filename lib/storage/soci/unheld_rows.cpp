#include "storage/soci/unheld_rows.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string>

#include "storage/soci/dialect.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

/// Of a row with the id of a message.
std::string held_nowhere(const std::string& id) {
    return "NOT EXISTS (SELECT 1 FROM mailbox_message e WHERE e.message_id = " + id +
           ") AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.message_id = " + id + ")";
}

void lock(connection& on, const std::string& rows) {
    message_id locked;
    query each(on, rows + dialect::for_update(on.kind()));
    each.into(locked);
    while (each.next()) continue;
}

}  // namespace

void lock_outbound(connection& on, const std::vector<message_id>& messages) {
    in_lists(on, messages, [&on](const std::string& list) {
        lock(on, "SELECT message_id FROM outbound WHERE message_id IN (" + list + ") ORDER BY message_id");
    });
}

void delete_entries(connection& on, const std::vector<entry_id>& entries) {
    in_lists(on, entries, [&on](const std::string& list) {
        std::set<thread_id> threads;
        thread_id thread;
        query rows(on, "DELETE FROM mailbox_message WHERE id IN (" + list + ") RETURNING COALESCE(thread_id, 0)");
        rows.into(thread);
        while (rows.next()) threads.insert(thread);
        threads.erase(thread_id{});
        query(on, "DELETE FROM thread_reference WHERE thread_id IN (" +
                      id_list(std::span<const thread_id>(std::vector(threads.begin(), threads.end()))) +
                      ") AND NOT EXISTS (SELECT 1 FROM mailbox_message e WHERE e.thread_id = thread_reference.thread_id)")
            .run();
    });
}

void drop_unheld(connection& on, std::vector<message_id> messages) {
    std::ranges::sort(messages);
    const auto rest = std::ranges::unique(messages);
    messages.erase(rest.begin(), rest.end());
    in_lists(on, messages, [&on](const std::string& list) {
        // Two that let go of a message at the same time would each see the other's entry, and neither would drop it: the second
        // waits here, and what it looks at below is as the first one left it.
        lock(on, "SELECT id FROM message WHERE id IN (" + list + ") ORDER BY id");
        query(on, "DELETE FROM message_content WHERE message_id IN (" + list + ") AND " +
                      held_nowhere("message_content.message_id"))
            .run();
        query(on, "UPDATE message SET octets = NULL WHERE id IN (" + list + ") AND octets IS NOT NULL AND " +
                      held_nowhere("message.id"))
            .run();
    });
    delete_forgotten(on, messages);
}

void delete_forgotten(connection& on, const std::vector<message_id>& candidates) {
    in_lists(on, candidates, [&on](const std::string& list) {
        query(on,
              "DELETE FROM message WHERE id IN (" + list +
                  ") AND history IS NULL AND NOT EXISTS (SELECT 1 FROM message_event v WHERE v.message_id = message.id) AND " +
                  held_nowhere("message.id"))
            .run();
    });
}

}  // namespace postern::storage
