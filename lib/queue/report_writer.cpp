#include "queue/report_writer.hpp"

#include <utility>

#include "message/summary.hpp"
#include "queue/destination_of.hpp"
#include "queue/timeline.hpp"
#include "smtp/address.hpp"
#include "smtp/trace.hpp"
#include "storage/errc.hpp"

namespace postern::queue {

namespace {

constexpr std::uint64_t original_in_memory = 64ULL * 1024;  // of an original; a larger one is looked at from its front
constexpr std::size_t unique_letters = 24;

struct composed_notice {
    message::composed_report report;
    message::summary summary;
    std::shared_ptr<const core::content> octets;
};

/// On a thread of the pool.
composed_notice compose(const message::delivery_report& report, const core::content& original, const std::string& trace) {
    composed_notice made;
    made.report = message::compose(report, original);
    made.octets = std::make_shared<core::memory_content>(trace + made.report.octets);
    made.summary = message::summarize(*made.octets);
    return made;
}

}  // namespace

report_request request_about(const storage::queue_item& item) {
    report_request about;
    about.message = item.message;
    about.sender = item.reverse_path;
    about.outbound = item.outbound;
    about.accepted_at = item.created_at;
    about.return_path_size = item.return_path_size;
    return about;
}

message::reported_recipient report_of(const settled_item& s) {
    const auto& status = s.attempt.status;
    message::reported_recipient r;
    r.address = s.item.recipient;
    r.original = s.item.orcpt;
    r.action = *s.verdict.notice;
    r.status = smtp::to_string(status.status);
    if (!s.attempt.in_place) {
        r.remote_host = status.host;
        r.reply = status.reply;
    }
    r.reason = status.reason;
    r.last_attempt = s.attempt.at;
    r.retry_until = s.item.expires_at;
    return r;
}

report_writer::report_writer(dependencies uses, std::string hostname, std::chrono::milliseconds expire)
    : uses_(std::move(uses)), hostname_(std::move(hostname)), expire_(expire) {}

net::awaitable<core::result<std::optional<storage::delivery>>> report_writer::write(report_request about) {
    storage::delivery notice;
    const auto addressed = co_await address(notice, about.sender);
    if (!addressed) co_return std::unexpected(addressed.error());
    if (!*addressed) co_return std::nullopt;
    if (!about.octets) {
        auto read = co_await uses_.messages.read_content(about.message, original_in_memory);
        if (!read) co_return std::unexpected(std::move(read).error());
        about.octets = std::move(*read);
    }
    const auto id = co_await uses_.messages.next_id();
    if (!id) co_return std::unexpected(id.error());

    message::delivery_report report;
    report.hostname = hostname_;
    report.unique = core::random_text(uses_.random, unique_letters);
    report.now = uses_.clock.now();
    report.sender = about.sender;
    report.smtputf8 = about.outbound.smtputf8;
    report.envelope_id = about.outbound.envid;
    report.arrived = about.accepted_at;
    report.recipients = std::move(about.recipients);
    // RFC 3461 4.3 leaves it to us where nothing was asked for: a person who must send again is helped by the whole.
    report.return_full = about.outbound.ret != storage::dsn_return::headers;
    report.original_begin = static_cast<std::uint64_t>(about.return_path_size);
    const auto trace = smtp::return_path_field({});
    composed_notice made;
    try {
        made = co_await uses_.workers.run(
            [report = std::move(report), original = about.octets, trace] { return compose(report, *original, trace); });
    } catch (const std::exception& unreadable) {
        co_return core::fail(storage::errc::unavailable, unreadable.what());
    }

    notice.id = *id;
    notice.received_at = uses_.clock.now();
    notice.recipients = {about.sender};
    notice.return_path_size = static_cast<std::int64_t>(trace.size());
    notice.summary = std::move(made.summary);
    notice.octets = std::move(made.octets);
    notice.outbound.body = made.report.eight_bit ? storage::body_kind::eight_bit : storage::body_kind::seven_bit;
    notice.outbound.smtputf8 = made.report.smtputf8;
    notice.events.push_back(composed_event(notice.received_at, about.message));
    co_return notice;
}

/// Fills in who gets it; false when nobody does.
net::awaitable<core::result<bool>> report_writer::address(storage::delivery& notice, const std::string& sender) {
    auto found = co_await uses_.recipients.resolve(sender, 0);
    if (found) {
        for (const auto& to : *found) notice.local.push_back({.account = to.account, .recipient = sender});
        co_return true;
    }
    switch (found.error()) {
        case account::recipient_refusal::not_local: co_return address_remotely(notice, sender);
        case account::recipient_refusal::unavailable:
            co_return core::fail(storage::errc::unavailable, "the sender of a message could not be looked up");
        case account::recipient_refusal::unknown_user:
        case account::recipient_refusal::mailbox_disabled:
        case account::recipient_refusal::over_quota: break;
    }
    uses_.log.warning("notice not delivered", {{"to", sender}, {"reason", "the account takes no mail"}});
    co_return false;
}

bool report_writer::address_remotely(storage::delivery& notice, const std::string& sender) {
    auto destination = destination_of(sender);
    if (!destination) {
        uses_.log.warning("notice not delivered", {{"to", sender}, {"reason", "not an address"}});
        return false;
    }
    // RFC 3461 6.1: a notice asks for no notices; its null reverse-path says so already.
    notice.remote.push_back({.recipient = sender,
                             .destination = std::move(*destination),
                             .notify = {.given = true},
                             .orcpt = std::nullopt,
                             .expires_at = uses_.clock.now() + expire_});
    return true;
}

}  // namespace postern::queue
