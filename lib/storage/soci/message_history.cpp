#include "storage/soci/message_history.hpp"

#include <iterator>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "storage/soci/content_parts.hpp"

namespace postern::storage {

bool fits_history(const delivery& d, const message_event& step) {
    return step.recipient.empty() || (!d.recipients.empty() && step.recipient == d.recipients.front());
}

std::optional<std::string> to_history(const delivery& d, std::span<const message_event* const> steps) {
    if (steps.empty()) return std::nullopt;
    std::string text;
    const auto into = std::back_inserter(text);
    for (const auto* step : steps) {
        fmt::format_to(into, R"({}{{"kind":{})", text.empty() ? '[' : ',', boost::json::serialize(step->kind));
        if (step->at != d.received_at) fmt::format_to(into, R"(,"at":{})", step->at.time_since_epoch().count());
        if (!step->recipient.empty()) fmt::format_to(into, R"(,"recipient":{})", boost::json::serialize(step->recipient));
        if (step->detail != "{}") fmt::format_to(into, R"(,"detail":{})", step->detail);
        text += '}';
    }
    text += ']';
    return text;
}

bool holds_octets(const delivery& d) { return d.remote.empty() && d.octets->size() <= largest_part; }

}  // namespace postern::storage
