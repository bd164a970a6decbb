#include "queue/sending_rules.hpp"

#include <utility>

#include "account/address.hpp"
#include "queue/destination_of.hpp"
#include "queue/recipient_reply.hpp"
#include "smtp/replies.hpp"

namespace postern::queue {

namespace {

constexpr std::size_t most_authors = 20;  // each is a question to the database

}  // namespace

sending_rules::sending_rules(account::recipient_resolver& resolver, account::address_owners& owners, rates allowed,
                             const core::clock& clock)
    : resolver_(resolver),
      owners_(owners),
      messages_(allowed.messages_per_hour, clock),
      recipients_(allowed.recipients_per_hour, clock),
      clock_(clock),
      foreign_(max_remembered) {}

net::awaitable<std::optional<smtp::reply>> sending_rules::sender(core::account_id account, const smtp::address& reverse_path) {
    if (!reverse_path.is_null()) {
        const auto owned = co_await owners_.owns(account, reverse_path.text);
        if (!owned) co_return smtp::replies::unavailable;
        if (!*owned) co_return smtp::replies::sender_not_owned;
    }
    if (!messages_.take(account)) co_return smtp::replies::too_many_messages_sent;
    co_return std::nullopt;
}

net::awaitable<std::expected<recipient_place, smtp::reply>> sending_rules::recipient(core::account_id account,
                                                                                     const smtp::address& forward_path,
                                                                                     std::uint64_t size) {
    if (!recipients_.allows(account)) co_return std::unexpected(smtp::replies::too_many_recipients_sent);
    auto to = co_await find(forward_path, size);
    // Only one that is taken counts: a list of mistyped addresses does not use up an hour.
    if (to && !recipients_.take(account)) co_return std::unexpected(smtp::replies::too_many_recipients_sent);
    co_return to;
}

net::awaitable<sending_rules::found> sending_rules::find(const smtp::address& forward_path, std::uint64_t size) {
    const auto address = account::parse_address(forward_path.text);
    // Of what is no address of a person the resolver says not_local even where the domain is ours.
    const bool speaks_for_domain = address && !smtp::is_route_like(address->local_part);
    if (speaks_for_domain && was_foreign(address->domain)) co_return recipient_place{{}, address->domain};
    const auto asked_at = clock_.now();
    auto recipient = co_await resolver_.resolve(forward_path.text, size);
    if (recipient) co_return recipient_place{std::move(*recipient), {}};
    if (recipient.error() != account::recipient_refusal::not_local)
        co_return std::unexpected(reply_for_recipient(recipient.error()));
    if (co_await is_disguised_route(forward_path)) co_return std::unexpected(smtp::replies::unknown_user);
    auto domain = destination_of(forward_path.text);
    if (!domain) co_return std::unexpected(smtp::replies::bad_destination);
    if (speaks_for_domain) foreign_.touch(address->domain) = asked_at;
    co_return recipient_place{{}, *std::move(domain)};
}

bool sending_rules::was_foreign(const std::string& domain) {
    const auto* asked_at = foreign_.find(domain);
    if (asked_at == nullptr) return false;
    const auto age = clock_.now() - *asked_at;
    return age >= std::chrono::microseconds(0) && age < remembered;  // a clock set back prolongs nothing
}

/// `someone%elsewhere@us` is no address of ours, and of nobody else: relayed, it would come back to us.
net::awaitable<bool> sending_rules::is_disguised_route(const smtp::address& forward_path) {
    if (!smtp::is_route_like(forward_path.local_part) || forward_path.is_literal()) co_return false;
    const auto ours = co_await resolver_.resolve("postmaster@" + forward_path.domain, 0);
    co_return ours || ours.error() != account::recipient_refusal::not_local;
}

net::awaitable<std::optional<smtp::reply>> sending_rules::authors(core::account_id account,
                                                                  const std::vector<std::string>& addresses) {
    if (addresses.size() > most_authors) co_return smtp::replies::header_not_owned;
    for (const auto& each : addresses) {
        const auto owned = co_await owners_.owns(account, each);
        if (!owned) co_return smtp::replies::unavailable;
        if (!*owned) co_return smtp::replies::header_not_owned;  // RFC 6409 6.1: nobody writes in another's name
    }
    co_return std::nullopt;
}

}  // namespace postern::queue
