#include "queue/timeline.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/unicode.hpp"

namespace postern::queue {

namespace {

std::string_view kind_of(const settled_item& s) {
    switch (s.verdict.what) {
        case verdict::kind::delivered: return s.attempt.in_place ? "delivered" : "relayed";
        case verdict::kind::deferred: return "deferred";
        case verdict::kind::failed: return "bounced";
        case verdict::kind::expired: break;
    }
    return "expired";
}

void put(boost::json::object& detail, const char* name, std::string_view text) {
    if (!text.empty()) detail[name] = fit_for_row(text);
}

}  // namespace

storage::message_event event_of(const settled_item& s) {
    const auto& status = s.attempt.status;
    boost::json::object detail;
    put(detail, "host", status.host);
    put(detail, "address", status.address);
    put(detail, "tls", status.tls);
    put(detail, "status", smtp::to_string(status.status));
    put(detail, "reply", status.reply);
    put(detail, "reason", status.reason);
    if (s.attempt.made) detail["seconds"] = static_cast<double>(s.attempt.took.count()) / 1000;
    if (s.verdict.what == verdict::kind::deferred) detail["until"] = core::to_rfc3339(s.verdict.next_attempt_at);
    return {.at = s.attempt.at,
            .kind = std::string(kind_of(s)),
            .recipient = s.item.recipient,
            .detail = boost::json::serialize(detail)};
}

storage::message_event notified_event(const storage::delivery& notice) {
    const boost::json::object detail{{"message", core::to_string(notice.id)}, {"subject", notice.summary.subject}};
    return {.at = notice.received_at,
            .kind = "notified",
            .recipient = notice.recipients.front(),
            .detail = boost::json::serialize(detail)};
}

storage::message_event composed_event(core::timestamp at, storage::message_id about) {
    const boost::json::object detail{{"about", core::to_string(about)}};
    return {.at = at, .kind = "composed", .recipient = "", .detail = boost::json::serialize(detail)};
}

storage::message_event copied_event(core::timestamp at, storage::message_id of) {
    const boost::json::object detail{{"of", core::to_string(of)}};
    return {.at = at, .kind = "copied", .recipient = "", .detail = boost::json::serialize(detail)};
}

std::string fit_for_row(std::string_view text) {
    auto clean = core::to_valid_utf8(text);
    std::ranges::replace(clean, '\0', '?');
    return clean;
}

}  // namespace postern::queue
