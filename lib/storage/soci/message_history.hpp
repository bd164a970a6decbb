#pragma once

#include <optional>
#include <span>
#include <string>

#include "storage/records.hpp"

/// The column message.history: the steps of a message's life that are known when its row is written, so that they need no rows
/// of their own in message_event.
namespace postern::storage {

/// Whether a step of `d` may stand there: one of the whole message, or of its first recipient, by which the row is found.
[[nodiscard]] bool fits_history(const delivery& d, const message_event& step);

/// The column's text; nullopt, for NULL, where there are no steps.
[[nodiscard]] std::optional<std::string> to_history(const delivery& d, std::span<const message_event* const> steps);

/// Whether the octets of `d` stand in its row, and not in message_content: it is of one part and goes to nobody elsewhere. What
/// does is where every version of this program looks for it: one that is older may still send from the same database.
[[nodiscard]] bool holds_octets(const delivery& d);

}  // namespace postern::storage
