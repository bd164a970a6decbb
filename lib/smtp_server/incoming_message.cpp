#include "smtp_server/incoming_message.hpp"

#include <utility>

#include "smtp/replies.hpp"

namespace postern::smtp_server {

namespace {

using fault = message::submission_edit::fault;

}  // namespace

incoming_message::incoming_message(core::message_id id, net::spool_area& area, std::uint64_t limit,
                                   std::optional<message::submission_defaults> completed)
    : id_(id), spool_(area), completing_(sink_, std::move(completed)), limited_(header_, limit) {}

incoming_message::completing_sink::completing_sink(smtp::octet_sink& to, std::optional<message::submission_defaults> with)
    : to_(to) {
    if (with) filter.emplace(std::move(*with), [this](std::string_view octets) { to_.append(octets); });
}

void incoming_message::completing_sink::append(std::string_view octets) {
    if (filter) return filter->append(octets);
    to_.append(octets);
}

net::awaitable<void> incoming_message::drain() {
    const auto remembered_by_the_spool = co_await spool_.drain();
    static_cast<void>(remembered_by_the_spool);
}

net::awaitable<std::expected<std::shared_ptr<const core::content>, smtp::reply>> incoming_message::seal(
    smtp::octet_fault wrong) {
    // The sender's own mistakes first: they stay wrong however often the message is sent again.
    if (limited_.exceeded()) co_return std::unexpected(smtp::replies::too_large(limited_.limit()));
    if (wrong != smtp::octet_fault::none) co_return std::unexpected(smtp::replies::faulty_message);
    header_.finish();
    if (header_.received_fields() > smtp::max_received_fields) co_return std::unexpected(smtp::replies::mail_loop);
    if (completing_.filter) {
        completing_.filter->finish();
        const auto found = completing_.filter->edit().found;
        if (found == fault::header_too_large) co_return std::unexpected(smtp::replies::header_too_large);
        if (found != fault::none) co_return std::unexpected(smtp::replies::bad_author);
    }
    auto whole = co_await spool_.finish();
    if (whole) co_return std::move(*whole);
    co_return std::unexpected(whole.error().code == net::errc::disk_full ? smtp::replies::no_space
                                                                         : smtp::replies::unavailable);
}

std::vector<std::string> incoming_message::authors() const {
    if (!completing_.filter) return {};
    auto all = completing_.filter->edit().from;
    const auto& senders = completing_.filter->edit().senders;
    all.insert(all.end(), senders.begin(), senders.end());
    return all;
}

}  // namespace postern::smtp_server
