#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message/parsed_message.hpp"
#include "storage/records.hpp"
#include "storage/search_store.hpp"

namespace postern::http {

/// {"messages":[...],"next_cursor":string|null,"total":n}, each message with what a list shows.
[[nodiscard]] std::string list_json(const storage::entry_page& page, const std::optional<std::string>& next_cursor);

/// The same of what was found; "total" is null: nothing counts them.
[[nodiscard]] std::string found_json(const storage::search_page& page);

/// One message in full: what a list shows, with every recipient in "to"; the header, the texts and the attachments; and what
/// became of it: "envelope", "places" and "events", as far as they concern `reader`. Who else got a copy is nobody's business
/// but the sender's, so the rest is shown to whoever has the message as a sent copy only.
///
/// May take milliseconds for a large text: made off the loop.
[[nodiscard]] std::string message_json(const storage::entry& entry, const message::parsed_message& parsed,
                                       const storage::message_trace& trace, const storage::canonical_address& reader);

/// One message as a list shows it.
[[nodiscard]] std::string entry_json(const storage::entry& entry);

/// {"id","messages":[...]}, oldest first, each with what a list shows.
[[nodiscard]] std::string thread_json(storage::thread_id id, const std::vector<storage::entry>& entries);

/// What changes with whatever can change of a message, its place, its flags, its thread and what became of it: an entity tag
/// (RFC 9110 8.8.3).
[[nodiscard]] std::string message_tag(const storage::entry& entry, const storage::message_trace& trace);

/// {"events":[...]}, each with "at", "kind", "recipient" and "detail".
[[nodiscard]] std::string events_json(const std::vector<storage::message_event>& events);

}  // namespace postern::http
