#include "queue/verdict.hpp"

#include <algorithm>

namespace postern::queue {

namespace {

using message::report_action;

std::optional<report_action> success_notice(const storage::queue_item& item, const attempt& a) {
    // RFC 3461 5.2.2, 5.2.3: without being asked nobody is told of a success; a host that knows the extension tells itself.
    if (item.reverse_path.empty() || !item.notify.given || !item.notify.success || a.confirms) return std::nullopt;
    return a.in_place ? report_action::delivered : report_action::relayed;
}

std::optional<report_action> delay_notice_for(const storage::queue_item& item, const attempt& a,
                                              std::chrono::milliseconds after) {
    // RFC 3461 5.2.5: one that was asked for, or, where nothing was, by our own choice.
    const bool wanted = item.notify.given ? item.notify.delay : true;
    if (item.reverse_path.empty() || !wanted || item.delay_notified) return std::nullopt;
    if (after == std::chrono::milliseconds::zero() || a.at - item.created_at < after) return std::nullopt;
    return report_action::delayed;
}

}  // namespace

verdict judge(const storage::queue_item& item, const attempt& a, const retry_schedule& schedule,
              std::chrono::milliseconds delay_notice, core::timestamp not_before) {
    using reached = smtp_client::delivery_status::kind;
    if (a.status.what == reached::delivered) return {verdict::kind::delivered, {}, success_notice(item, a)};
    if (a.status.what == reached::permanent) return {verdict::kind::failed, {}, failure_notice(item)};
    const auto next = schedule.next(item, a.at, not_before);
    if (!next) return {verdict::kind::expired, {}, failure_notice(item)};
    return {verdict::kind::deferred, *next, delay_notice_for(item, a, delay_notice)};
}

std::optional<report_action> failure_notice(const storage::queue_item& item) {
    // RFC 5321 4.5.5, 6.1: never a notice about a notice, or two servers send them to each other for ever.
    if (item.reverse_path.empty()) return std::nullopt;
    if (item.notify.given && !item.notify.failure) return std::nullopt;  // RFC 3461 5.2.2
    return report_action::failed;
}

report_action local_success_action(std::size_t accounts) {
    return accounts > 1 ? report_action::expanded : report_action::delivered;  // RFC 3464 2.3.3
}

}  // namespace postern::queue
