#include "smtp_server/incoming_message.hpp"

#include "smtp/replies.hpp"

namespace postern::smtp_server {

incoming_message::incoming_message(core::message_id id, net::spool_area& area, std::uint64_t limit)
    : id_(id), spool_(area), limited_(header_, limit) {}

net::awaitable<void> incoming_message::drain() {
    const auto remembered_by_the_spool = co_await spool_.drain();
    static_cast<void>(remembered_by_the_spool);
}

net::awaitable<std::expected<std::shared_ptr<const core::content>, smtp::reply>> incoming_message::seal(
    smtp::octet_fault fault) {
    // The sender's own mistakes first: they stay wrong however often the message is sent again.
    if (limited_.exceeded()) co_return std::unexpected(smtp::replies::too_large);
    if (fault != smtp::octet_fault::none) co_return std::unexpected(smtp::replies::faulty_message);
    header_.finish();
    if (header_.received_fields() > smtp::max_received_fields) co_return std::unexpected(smtp::replies::mail_loop);
    auto whole = co_await spool_.finish();
    if (whole) co_return std::move(*whole);
    co_return std::unexpected(whole.error().code == net::errc::disk_full ? smtp::replies::no_space
                                                                         : smtp::replies::unavailable);
}

}  // namespace postern::smtp_server
