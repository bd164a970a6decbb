#include "smtp_server/receive_policy.hpp"

#include <utility>

#include "smtp/replies.hpp"

namespace postern::smtp_server {

namespace {

smtp::reply reply_for(account::recipient_refusal why) {
    switch (why) {
        case account::recipient_refusal::not_local: return smtp::replies::relaying_denied;
        case account::recipient_refusal::unknown_user: return smtp::replies::unknown_user;
        case account::recipient_refusal::mailbox_disabled: return smtp::replies::user_disabled;
        case account::recipient_refusal::over_quota: return smtp::replies::over_quota;
        case account::recipient_refusal::unavailable: break;
    }
    return smtp::replies::unavailable;
}

}  // namespace

net::awaitable<std::optional<smtp::reply>> receive_policy::sender(const smtp::address&, const smtp::mail_parameters&) {
    co_return std::nullopt;  // RFC 5321 3.3: who may send as whom is not known at MAIL; bounces have no sender at all
}

net::awaitable<std::expected<destination, smtp::reply>> receive_policy::recipient(const smtp::address& forward_path,
                                                                                  std::uint64_t size) {
    // `victim%elsewhere@us`, `elsewhere!victim@us` and `"victim@elsewhere"@us` ask us to strip our name and relay
    // (RFC 5321 3.6.1, appendix F.2). A catch-all would even accept them, and the sender would believe us a relay.
    if (smtp::is_route_like(forward_path.local_part)) co_return std::unexpected(smtp::replies::relaying_denied);
    auto found = co_await resolver_.resolve(forward_path.text, size);
    if (!found) co_return std::unexpected(reply_for(found.error()));
    co_return destination{.local = std::move(*found)};
}

}  // namespace postern::smtp_server
