#include "queue/outbox.hpp"

#include <ranges>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "account/address.hpp"
#include "core/unicode.hpp"
#include "smtp/replies.hpp"
#include "smtp/trace.hpp"
#include "storage/errc.hpp"

namespace postern::queue {

namespace {

/// `text` as it goes into header and envelope: its domain as A-labels, so that a name in another script alone does not ask
/// SMTPUTF8 of every server on the way.
std::expected<smtp::address, smtp::address_fault> read_mailbox(std::string_view text) {
    auto found = smtp::parse_mailbox(text);
    if (!found || found->is_literal() || core::is_ascii(found->domain)) return found;
    auto ascii = core::to_a_label(found->domain);
    if (!ascii) return std::unexpected(smtp::address_fault::syntax);
    found->domain = std::move(*ascii);
    return smtp::parse_mailbox(smtp::to_string(*found));
}

std::vector<std::string> remote_paths(const storage::delivery& d) {
    std::vector<std::string> all;
    for (const auto& item : d.remote) all.push_back(item.recipient);
    return all;
}

std::vector<posted::queued> named(const std::vector<std::string>& recipients, const storage::delivered& names) {
    std::vector<posted::queued> all;
    for (std::size_t i = 0; i < recipients.size(); ++i) all.push_back({.id = names.queue.at(i), .recipient = recipients[i]});
    return all;
}

/// The answer that is kept with the message.
storage::new_response kept(const storage::account& from, const posted& done, const storage::delivery& d, once asked) {
    return {.account = from.id,
            .key = std::move(asked.key),
            .request_sha256 = asked.request_sha256,
            .status = asked.status,
            .make_body =
                [done = posted(done), to = remote_paths(d),
                 make = std::move(asked.make_body)](const storage::delivered& names) mutable {
                    done.queue = named(to, names);
                    return make(done);
                },
            .created_at = d.received_at};
}

not_posted refused(smtp::reply why, std::string recipient = {}) { return {std::move(why), std::move(recipient), {}}; }

}  // namespace

net::awaitable<std::expected<posted, not_posted>> outbox::send(storage::account from, letter what) {
    auto to = co_await address(from, what.message);
    if (!to) co_return std::unexpected(std::move(to.error()));
    const auto id = co_await uses_.messages.next_id();
    if (!id) co_return std::unexpected(not_posted{smtp::replies::unavailable, {}, id.error()});
    complete(what.message, *id, from);
    posted done{.id = *id, .message_id = what.message.message_id, .queue = {}, .delivered = std::move(to->local)};
    auto d = make_delivery(from, *id, *to);
    d.outbound.smtputf8 = to->smtputf8 || message::needs_smtputf8(what.message);
    d.return_path_size = static_cast<std::int64_t>(smtp::return_path_field(to->reverse_path).size());
    if (what.draft) d.replaces = storage::replaced_draft{.account = from.id, .entry = *what.draft};
    if (what.only_once) d.response = kept(from, done, d, std::move(*what.only_once));
    boost::json::object detail = {
        {"client", what.client}, {"protocol", what.secure ? "HTTPS" : "HTTP"}, {"account", account::to_text(from.address)}};
    auto trace = trace_fields(what, *id, *to);
    std::tie(d.octets, d.summary) = co_await compose(std::move(trace), std::move(what.message));
    const auto limit = uses_.message_size;
    if (d.octets->size() > limit) co_return std::unexpected(refused(smtp::replies::too_large(limit)));
    detail["size"] = d.octets->size();
    d.events.push_back({.at = d.received_at, .kind = "received", .recipient = "", .detail = boost::json::serialize(detail)});
    co_return co_await store(std::move(d), std::move(done));
}

net::awaitable<core::result<storage::entry_id>> outbox::keep(storage::account from, message::new_message draft,
                                                             std::optional<storage::entry_id> instead_of) {
    const auto id = co_await uses_.messages.next_id();
    if (!id) co_return std::unexpected(id.error());
    complete(draft, *id, from);
    draft.draft = true;
    storage::delivery d;
    d.id = *id;
    d.received_at = draft.date;
    d.local = {{.account = from.id, .role = storage::mailbox_role::drafts, .recipient = "", .seen = true}};
    d.submitted_by = from.id;
    if (instead_of) d.replaces = storage::replaced_draft{.account = from.id, .entry = *instead_of};
    std::tie(d.octets, d.summary) = co_await compose({}, std::move(draft));
    if (d.octets->size() > uses_.message_size) co_return core::fail(storage::errc::over_quota, "the draft is too large");
    const auto stored = co_await uses_.messages.deliver(std::move(d));
    if (!stored) co_return std::unexpected(stored.error());
    if (instead_of) co_return *instead_of;
    const auto entry = co_await uses_.messages.find_entry(from.id, id->value);
    if (!entry) co_return std::unexpected(entry.error());
    co_return entry->id;
}

/// Composing a large attachment takes milliseconds that belong to others.
net::awaitable<outbox::composed> outbox::compose(std::string trace, message::new_message m) {
    co_return co_await uses_.workers.run([trace = std::move(trace), m = std::move(m)]() -> composed {
        auto octets = std::make_shared<const core::memory_content>(trace + message::compose(m));
        auto summary = message::summarize(*octets);
        return {std::move(octets), std::move(summary)};
    });
}

void outbox::complete(message::new_message& m, storage::message_id id, const storage::account& from) const {
    m.date = uses_.clock.now();
    m.message_id = fmt::format("{}.{}@{}", core::to_string(id), m.date.time_since_epoch().count(), from.address.domain);
}

/// Who may send it, and where it goes; addresses are written back as they are to stand in the header.
net::awaitable<std::expected<outbox::addressed, not_posted>> outbox::address(const storage::account& from,
                                                                             message::new_message& m) {
    addressed to;
    auto reverse_path = read_mailbox(m.from.address);
    if (!reverse_path) co_return std::unexpected(refused(smtp::replies::sender_syntax));
    m.from.address = reverse_path->text;
    to.reverse_path = std::move(*reverse_path);
    to.smtputf8 = to.reverse_path.utf8;
    if (m.to.size() + m.cc.size() + m.bcc.size() > uses_.recipients)
        co_return std::unexpected(refused({452, {4, 5, 3}, "Too many recipients"}));
    if (auto why = co_await uses_.rules.sender(from.id, to.reverse_path)) co_return std::unexpected(refused(std::move(*why)));
    for (auto* list : {&m.to, &m.cc, &m.bcc}) {
        for (auto& each : *list) {
            auto path = read_mailbox(each.address);
            if (!path) co_return std::unexpected(refused(smtp::replies::recipient_syntax, each.address));
            each.address = path->text;
            if (std::ranges::find(to.recipients, path->text) != to.recipients.end()) continue;
            auto place = co_await uses_.rules.recipient(from.id, *path, 0);
            if (!place) co_return std::unexpected(refused(std::move(place.error()), each.address));
            to.places.add(*place, path->text, {});
            to.smtputf8 = to.smtputf8 || path->utf8;
            to.recipients.push_back(path->text);
            if (place->remote.empty()) to.local.push_back(path->text);
        }
    }
    if (to.recipients.empty()) co_return std::unexpected(refused(smtp::replies::no_valid_recipients));
    co_return to;
}

/// RFC 5321 4.4: where it came from. Who else gets it is named to nobody.
std::string outbox::trace_fields(const letter& what, storage::message_id id, const addressed& to) const {
    const auto name = core::to_string(id);
    smtp::received_over_http received{.client_address = what.client,
                                      .hostname = uses_.hostname,
                                      .secure = what.secure,
                                      .id = name,
                                      .recipient = std::nullopt,
                                      .at = uses_.clock.now()};
    if (to.recipients.size() == 1) {
        if (auto only = smtp::parse_mailbox(to.recipients.front())) received.recipient = std::move(*only);
    }
    return smtp::return_path_field(to.reverse_path) + smtp::to_string(received);
}

storage::delivery outbox::make_delivery(const storage::account& from, storage::message_id id, const addressed& to) const {
    storage::delivery d;
    d.id = id;
    d.received_at = uses_.clock.now();
    d.reverse_path = to.reverse_path.text;
    d.recipients = to.recipients;
    d.local = to.places.local();
    d.local.push_back({.account = from.id, .role = storage::mailbox_role::sent, .recipient = "", .seen = true});
    d.submitted_by = from.id;
    d.remote = to.places.remote();
    return d;
}

net::awaitable<std::expected<posted, not_posted>> outbox::store(storage::delivery d, posted done) {
    const auto to = remote_paths(d);
    const auto size = d.octets->size();
    const auto from = d.reverse_path;
    const auto recipients = d.recipients.size();
    const auto stored = co_await uses_.intake.deliver(std::move(d), {});
    if (!stored) {
        uses_.log.warning("not stored", {{"id", core::to_string(done.id)}, {"reason", stored.error().message()}});
        co_return std::unexpected(not_posted{smtp::replies::unavailable, {}, stored.error()});
    }
    uses_.accepted.add();
    done.queue = named(to, *stored);
    uses_.log.info(
        "accepted",
        {{"id", core::to_string(done.id)}, {"protocol", "HTTP"}, {"from", from}, {"recipients", recipients}, {"size", size}});
    co_return done;
}

}  // namespace postern::queue
