// The message: DATA (RFC 5321 4.1.1.4), and what DATA and BDAT have in common, from the first octet to the stored message.
#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "smtp/dot_reader.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"
#include "smtp_server/storage_reply.hpp"

namespace postern::smtp_server {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t summarized_on_the_loop = 32 * 1024;  // octets: some tens of microseconds, less than a trip to the pool

}  // namespace

session::answered session::on(smtp::data_command) {
    if (auto out_of_order = transaction_.refuse_data()) co_return out_of_order;
    if (auto refused = co_await begin_message()) {
        end_transaction();
        co_return refused;
    }
    say(smtp::replies::start_data);
    co_return co_await receive_dotted();
}

session::answered session::receive_dotted() {
    smtp::dot_reader dots;
    for (;;) {
        const auto step = dots.feed(stream_.buffered(), message_->octets());
        stream_.consume(step.consumed);
        if (message_->full()) co_await message_->drain();
        if (step.finished) break;
        if (!co_await receive_data()) co_return std::nullopt;
    }
    co_return co_await complete(dots.first_fault());
}

/// Draws the id and writes our trace fields (RFC 5321 4.4): before the data, so that a database that is down costs no data.
net::awaitable<std::optional<smtp::reply>> session::begin_message() {
    begin_data_time();
    const auto id = co_await shared_.uses.store.next_id();
    if (!id) {
        shared_.uses.log.warning("no message id", {{"client", client_}, {"reason", id.error().message()}});
        co_return smtp::replies::unavailable;
    }
    message_ = std::make_unique<incoming_message>(*id, shared_.uses.spool, shared_.limits.message_size);
    const auto return_path = smtp::return_path_field(transaction_.reverse_path());
    return_path_size_ = static_cast<std::int64_t>(return_path.size());
    message_->add_trace(return_path);
    const auto id_text = core::to_string(*id);
    const auto& recipients = transaction_.recipients();
    const auto* tls = stream_.tls();
    smtp::received_field received{.helo = transaction_.helo(),
                                  .client_address = client_,
                                  .hostname = shared_.hostname,
                                  .protocol = protocol(),
                                  .tls_version = tls ? std::string_view(tls->version) : "",
                                  .tls_cipher = tls ? std::string_view(tls->cipher) : "",
                                  .id = id_text,
                                  .recipient = std::nullopt,
                                  .at = shared_.uses.clock.now()};
    if (recipients.size() == 1) received.recipient = recipients.front().path;
    message_->add_trace(smtp::to_string(received));
    co_return std::nullopt;
}

void session::begin_data_time() noexcept { data_end_ = steady::now() + shared_.limits.data_total_timeout; }

/// As receive(), within message data: a limit for each wait, and one for all of them against a client that dribbles.
net::awaitable<bool> session::receive_data() {
    const auto left = data_end_ - steady::now();
    co_return co_await receive(std::min<net::stream::duration>(left, shared_.limits.data_timeout));
}

/// The message has ended: the transaction's last reply, whatever came of it.
net::awaitable<smtp::reply> session::complete(smtp::octet_fault fault) {
    auto whole = co_await message_->seal(fault);
    smtp::reply reply;
    if (whole) {
        reply = co_await store(std::move(*whole));
    } else {
        reply = std::move(whole.error());
    }
    if (!reply.is_positive()) log_refusal("message", "", reply);
    end_transaction();
    co_return reply;
}

net::awaitable<smtp::reply> session::store(std::shared_ptr<const core::content> octets) {
    auto d = make_delivery(octets);
    d.summary = co_await summarize(octets);
    const auto stored = co_await shared_.uses.store.deliver(std::move(d));
    if (!stored) {
        shared_.uses.log.warning("not stored", {{"id", core::to_string(message_->id())}, {"reason", stored.error().message()}});
        co_return reply_for_storage(stored.error());
    }
    // RFC 5321 4.2.5, 6.1: from here the message is ours; it is durable.
    errors_ = idle_commands_ = 0;
    const auto id = core::to_string(message_->id());
    if (shared_.uses.log.writes(core::log_level::info)) {
        shared_.uses.log.info("accepted", {{"id", id},
                                           {"client", client_},
                                           {"helo", transaction_.helo()},
                                           {"protocol", smtp::to_string(protocol())},
                                           {"from", transaction_.reverse_path().text},
                                           {"to", transaction_.recipients().front().path.text},
                                           {"recipients", transaction_.recipients().size()},
                                           {"size", octets->size()}});
    }
    co_return smtp::replies::accepted(id);
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
    d.local = local_;
    boost::json::object detail = {{"client", client_},
                                  {"helo", transaction_.helo()},
                                  {"protocol", smtp::to_string(protocol())},
                                  {"size", octets->size()}};
    if (const auto* tls = stream_.tls()) detail["tls"] = tls->version;
    d.events.push_back({.at = d.received_at, .kind = "received", .recipient = "", .detail = boost::json::serialize(detail)});
    d.octets = std::move(octets);
    return d;
}

}  // namespace postern::smtp_server
