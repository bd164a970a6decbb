#pragma once

#include <cstddef>

#include "account/address_owners.hpp"
#include "core/clock.hpp"
#include "smtp_server/policy.hpp"
#include "smtp_server/submission_rate.hpp"

namespace postern::smtp_server {

/// Ports 587 and 465 (RFC 6409): who has signed in may send to anybody, in its own name only, and so much an hour.
///
/// Its own are the addresses whose mail reaches the account. The null reverse-path is taken from a mail program that sends a
/// disposition notification (RFC 8098 section 3); in whose name, the header says all the same.
class submission_policy final : public policy {
public:
    struct rates {
        std::size_t messages_per_hour;
        std::size_t recipients_per_hour;
    };

    submission_policy(account::recipient_resolver& resolver, account::address_owners& owners, rates allowed,
                      const core::clock& clock);

    net::awaitable<std::optional<smtp::reply>> sender(const submitter& from, const smtp::address& reverse_path,
                                                      const smtp::mail_parameters& parameters) override;
    net::awaitable<std::expected<destination, smtp::reply>> recipient(const submitter& from, const smtp::address& forward_path,
                                                                      std::uint64_t size) override;
    net::awaitable<std::optional<smtp::reply>> authors(const submitter& from,
                                                       const std::vector<std::string>& addresses) override;

private:
    net::awaitable<bool> is_disguised_route(const smtp::address& forward_path);

    account::recipient_resolver& resolver_;
    account::address_owners& owners_;
    submission_rate messages_;
    submission_rate recipients_;
};

}  // namespace postern::smtp_server
