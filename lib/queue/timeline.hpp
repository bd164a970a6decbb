#pragma once

#include <string>
#include <string_view>

#include "queue/job.hpp"
#include "storage/records.hpp"

/// What the timeline of a message says of each step of the queue.
namespace postern::queue {

/// "relayed", "delivered" (in place), "deferred", "bounced" or "expired", with host, address, TLS, the remote's reply, what we
/// say ourselves, seconds, and until when it is deferred.
[[nodiscard]] storage::message_event event_of(const settled_item& s);

/// "notified": `notice` tells the sender.
[[nodiscard]] storage::message_event notified_event(const storage::delivery& notice);

/// An event on the notice's own timeline: which message it is about.
[[nodiscard]] storage::message_event composed_event(core::timestamp at, storage::message_id about);

/// An event on the timeline of a copy made in place: which message was queued.
[[nodiscard]] storage::message_event copied_event(core::timestamp at, storage::message_id of);

/// What a remote said, fit for a row: valid UTF-8 without NUL.
[[nodiscard]] std::string fit_for_row(std::string_view text);

}  // namespace postern::queue
