#include "storage/soci/message_history.hpp"

#include <boost/json/serialize.hpp>

#include "core/format.hpp"
#include "storage/soci/content_parts.hpp"

namespace postern::storage {

bool fits_history(const delivery& d, const message_event& step) {
    return step.recipient.empty() || (!d.recipients.empty() && step.recipient == d.recipients.front());
}

std::optional<std::string> to_history(const delivery& d, std::span<const message_event* const> steps) {
    if (steps.empty()) return std::nullopt;
    std::string text;
    for (const auto* step : steps) {
        core::append(text, R"({}{{"kind":{})", text.empty() ? '[' : ',', boost::json::serialize(step->kind));
        if (step->at != d.received_at) core::append(text, R"(,"at":{})", step->at.time_since_epoch().count());
        if (!step->recipient.empty()) core::append(text, R"(,"recipient":{})", boost::json::serialize(step->recipient));
        if (step->detail != "{}") core::append(text, R"(,"detail":{})", step->detail);
        text += '}';
    }
    text += ']';
    return text;
}

bool holds_octets(const delivery& d) { return d.remote.empty() && d.octets->size() <= largest_part; }

}  // namespace postern::storage
