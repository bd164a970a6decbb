#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "account/address_owners.hpp"
#include "account/bounded_table.hpp"
#include "account/recipient_resolver.hpp"
#include "core/clock.hpp"
#include "net/awaitable.hpp"
#include "queue/submission_rate.hpp"
#include "smtp/address.hpp"
#include "smtp/reply.hpp"

namespace postern::queue {

/// Where the copy for one accepted recipient goes: to accounts of ours, or out.
struct recipient_place {
    std::vector<account::local_recipient> local;  ///< each account once
    std::string remote;                           ///< the domain or address literal it is relayed to; empty: not relayed
};

/// What a person who has signed in may send (RFC 6409): to anybody, in their own name only, and so much an hour; the same
/// rules and the same counts by whichever way the message comes, SMTP or HTTP.
///
/// Their own are the addresses whose mail reaches the account. Refusals are SMTP's replies: their codes tell what may be tried
/// again, their words are for people. Loop thread only.
///
/// That a domain is not ours is remembered for a moment, so that who sends much does not ask the database for each recipient.
/// What has become ours in that moment the queue delivers in place (local_domains).
class sending_rules {
public:
    static constexpr std::chrono::milliseconds remembered{250};
    static constexpr std::size_t max_remembered = 10'000;

    struct rates {
        std::size_t messages_per_hour;
        std::size_t recipients_per_hour;
    };

    /// All outlive this object.
    sending_rules(account::recipient_resolver& resolver, account::address_owners& owners, rates allowed,
                  const core::clock& clock);

    /// Why `account` may not begin a message from this reverse-path, which may be null; nullopt: it may, and it is counted.
    net::awaitable<std::optional<smtp::reply>> sender(core::account_id account, const smtp::address& reverse_path);

    /// Where mail for this recipient goes, or the reply that refuses it. `size`: the message's, as far as known, else 0.
    net::awaitable<std::expected<recipient_place, smtp::reply>> recipient(core::account_id account,
                                                                          const smtp::address& forward_path,
                                                                          std::uint64_t size);

    /// Why a message whose From and Sender name these addresses may not be sent; nullopt: it may.
    net::awaitable<std::optional<smtp::reply>> authors(core::account_id account, const std::vector<std::string>& addresses);

private:
    using found = std::expected<recipient_place, smtp::reply>;

    net::awaitable<found> find(const smtp::address& forward_path, std::uint64_t size);
    [[nodiscard]] bool was_foreign(const std::string& domain);
    net::awaitable<bool> is_disguised_route(const smtp::address& forward_path);

    account::recipient_resolver& resolver_;
    account::address_owners& owners_;
    submission_rate messages_;
    submission_rate recipients_;
    const core::clock& clock_;
    account::bounded_table<std::string, core::timestamp> foreign_;  // domains, and when they were asked about
};

}  // namespace postern::queue
