// A whole message: whether it may be sent, and what becomes durable with it before it is acknowledged.
#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "account/address.hpp"
#include "message/notification.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"
#include "smtp_server/storage_reply.hpp"

namespace postern::smtp_server {

namespace {

constexpr std::size_t summarized_on_the_loop = 32 * 1024;  // octets: some tens of microseconds, less than a trip to the pool

storage::dsn_return stored(smtp::dsn_return r) {
    switch (r) {
        case smtp::dsn_return::full: return storage::dsn_return::full;
        case smtp::dsn_return::headers: return storage::dsn_return::headers;
        case smtp::dsn_return::unspecified: break;
    }
    return storage::dsn_return::unspecified;
}

}  // namespace

/// Whether a person may send this message under the names that stand in it.
net::awaitable<std::optional<smtp::reply>> session::refuse_authors(std::shared_ptr<const core::content> octets) {
    if (!account_) co_return std::nullopt;
    if (transaction_.reverse_path().is_null()) {
        // Nobody hears of what becomes of it: good for what must never be answered, and for nothing else (RFC 8098 section 3).
        const auto notification = co_await shared_.uses.pool.run([octets] { return message::is_notification(*octets); });
        if (!notification) co_return smtp::replies::null_sender_not_taken;
    }
    co_return co_await shared_.uses.policy.authors(account_, message_->authors());
}

net::awaitable<smtp::reply> session::store(std::shared_ptr<const core::content> octets) {
    auto d = make_delivery(octets);
    d.summary = co_await summarize(octets);
    const auto done = co_await shared_.uses.intake.deliver(std::move(d), {.recipients = places_.told(),
                                                                          .envid = transaction_.parameters().envid,
                                                                          .smtputf8 = transaction_.parameters().smtputf8});
    if (!done) {
        shared_.uses.log.warning("not stored", {{"id", core::to_string(message_->id())}, {"reason", done.error().message()}});
        co_return reply_for_storage(done.error());
    }
    // RFC 5321 4.2.5, 6.1: from here the message is ours; it is durable.
    errors_ = idle_commands_ = 0;
    shared_.uses.figures.accepted.add();
    log_acceptance(octets->size());
    co_return smtp::replies::accepted(core::to_string(message_->id()));
}

void session::log_acceptance(std::uint64_t size) const {
    if (!shared_.uses.log.writes(core::log_level::info)) return;
    shared_.uses.log.record("accepted", {{"id", core::to_string(message_->id())},
                                         {"client", client_},
                                         {"helo", transaction_.helo()},
                                         {"protocol", smtp::to_string(protocol())},
                                         {"account", account_ ? account::to_text(account_->address) : ""},
                                         {"from", transaction_.reverse_path().text},
                                         {"to", transaction_.recipients().front().path.text},
                                         {"recipients", transaction_.recipients().size()},
                                         {"size", size}});
}

net::awaitable<message::summary> session::summarize(std::shared_ptr<const core::content> octets) {
    if (octets->in_memory() && octets->size() <= summarized_on_the_loop) co_return message::summarize(*octets);
    co_return co_await shared_.uses.pool.run([octets] { return message::summarize(*octets); });
}

storage::delivery session::make_delivery(std::shared_ptr<const core::content> octets) const {
    storage::delivery d;
    d.id = message_->id();
    d.received_at = shared_.uses.clock.now();
    d.reverse_path = transaction_.reverse_path().text;
    for (const auto& to : transaction_.recipients()) d.recipients.push_back(to.path.text);
    d.return_path_size = return_path_size_;
    d.local = places_.local();
    if (account_) {
        d.submitted_by = account_->id;
        d.local.push_back({.account = account_->id, .role = storage::mailbox_role::sent, .recipient = "", .seen = true});
    }
    d.outbound = outbound();
    d.remote = places_.remote();
    d.events.push_back({.at = d.received_at, .kind = "received", .recipient = "", .detail = received_detail(octets->size())});
    d.octets = std::move(octets);
    return d;
}

/// What the message needs on its way out: as it is, not as the client said it would be.
storage::outbound session::outbound() const {
    const auto& said = transaction_.parameters();
    const auto& census = message_->census();
    const bool utf8_envelope = transaction_.reverse_path().utf8 ||
                               std::ranges::any_of(transaction_.recipients(), [](const auto& r) { return r.path.utf8; });
    storage::outbound out;
    if (said.body == smtp::body_type::binary) {
        out.body = storage::body_kind::binary;
    } else if (census.eight_bit()) {
        out.body = storage::body_kind::eight_bit;
    }
    // RFC 6531 3.6: a message that only said SMTPUTF8 may go to servers that do not know it.
    out.smtputf8 = said.smtputf8 && (utf8_envelope || census.eight_bit_header());
    out.ret = stored(said.ret);
    out.envid = said.envid;
    return out;
}

std::string session::received_detail(std::uint64_t size) const {
    boost::json::object detail = {
        {"client", client_}, {"helo", transaction_.helo()}, {"protocol", smtp::to_string(protocol())}, {"size", size}};
    if (const auto* tls = stream_.tls()) detail["tls"] = tls->version;
    if (account_) detail["account"] = account::to_text(account_->address);
    return boost::json::serialize(detail);
}

}  // namespace postern::smtp_server
