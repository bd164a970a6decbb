// The message: DATA (RFC 5321 4.1.1.4), and what DATA and BDAT have in common, from the first octet to the last.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "account/address.hpp"
#include "smtp/dot_reader.hpp"
#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

namespace {

using steady = std::chrono::steady_clock;

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
    message_ = std::make_unique<incoming_message>(*id, shared_.uses.spool, shared_.limits.message_size, completion(*id));
    add_trace();
    co_return std::nullopt;
}

void session::add_trace() {
    const auto return_path = smtp::return_path_field(transaction_.reverse_path());
    return_path_size_ = static_cast<std::int64_t>(return_path.size());
    message_->add_trace(return_path);
    const auto id = core::to_string(message_->id());
    const auto& recipients = transaction_.recipients();
    const auto* tls = stream_.tls();
    smtp::received_field received{.helo = transaction_.helo(),
                                  .client_address = client_,
                                  .hostname = shared_.hostname,
                                  .protocol = protocol(),
                                  .tls_version = tls ? std::string_view(tls->version) : "",
                                  .tls_cipher = tls ? std::string_view(tls->cipher) : "",
                                  .id = id,
                                  .recipient = std::nullopt,
                                  .at = shared_.uses.clock.now()};
    if (recipients.size() == 1) received.recipient = recipients.front().path;
    message_->add_trace(smtp::to_string(received));
}

/// What a person's message is given where it lacks it; another server's is left as it is (RFC 5321 6.4).
std::optional<message::submission_defaults> session::completion(core::message_id id) const {
    if (!account_) return std::nullopt;
    const auto now = shared_.uses.clock.now();
    const auto& from = transaction_.reverse_path();
    return message::submission_defaults{.now = now,
                                        .unique = fmt::format("{}.{}", core::to_string(id), now.time_since_epoch().count()),
                                        .domain = account_->address.domain,
                                        .sender = from.is_null() ? account::to_text(account_->address) : from.text};
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
    if (!whole) {
        reply = std::move(whole.error());
    } else if (auto refused = co_await refuse_authors(*whole)) {
        reply = std::move(*refused);
    } else {
        reply = co_await store(std::move(*whole));
    }
    if (!reply.is_positive()) log_refusal("message", "", reply);
    end_transaction();
    co_return reply;
}

}  // namespace postern::smtp_server
