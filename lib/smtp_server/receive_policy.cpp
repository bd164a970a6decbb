#include "smtp_server/receive_policy.hpp"

#include <utility>

#include "queue/recipient_reply.hpp"
#include "smtp/replies.hpp"

namespace postern::smtp_server {

net::awaitable<std::optional<smtp::reply>> receive_policy::sender(const submitter&, const smtp::address&,
                                                                  const smtp::mail_parameters&) {
    co_return std::nullopt;  // RFC 5321 3.3: who may send as whom is not known at MAIL; bounces have no sender at all
}

net::awaitable<std::expected<queue::recipient_place, smtp::reply>> receive_policy::recipient(const submitter&,
                                                                                             const smtp::address& forward_path,
                                                                                             std::uint64_t size) {
    // `victim%elsewhere@us`, `elsewhere!victim@us` and `"victim@elsewhere"@us` ask us to strip our name and relay
    // (RFC 5321 3.6.1, appendix F.2). A catch-all would even accept them, and the sender would believe us a relay.
    if (smtp::is_route_like(forward_path.local_part)) co_return std::unexpected(smtp::replies::relaying_denied);
    auto found = co_await resolver_.resolve(forward_path.text, size);
    if (!found) co_return std::unexpected(queue::reply_for_recipient(found.error()));
    co_return queue::recipient_place{.local = std::move(*found), .remote = {}};
}

net::awaitable<std::optional<smtp::reply>> receive_policy::authors(const submitter&, const std::vector<std::string>&) {
    co_return std::nullopt;
}

}  // namespace postern::smtp_server
