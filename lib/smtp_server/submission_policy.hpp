#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include "account/address_owners.hpp"
#include "account/bounded_table.hpp"
#include "core/clock.hpp"
#include "smtp_server/policy.hpp"
#include "smtp_server/submission_rate.hpp"

namespace postern::smtp_server {

/// Ports 587 and 465 (RFC 6409): who has signed in may send to anybody, in its own name only, and so much an hour.
///
/// Its own are the addresses whose mail reaches the account. The null reverse-path is taken from a mail program that sends a
/// disposition notification (RFC 8098 section 3); in whose name, the header says all the same.
///
/// That a domain is not ours is remembered for a moment, so that who sends much does not ask the database for each recipient.
/// What has become ours in that moment the queue delivers in place (queue::local_domains).
class submission_policy final : public policy {
public:
    static constexpr std::chrono::milliseconds remembered{250};
    static constexpr std::size_t max_remembered = 10'000;

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
    using found = std::expected<destination, smtp::reply>;

    net::awaitable<found> find(const smtp::address& forward_path, std::uint64_t size);
    net::awaitable<bool> is_disguised_route(const smtp::address& forward_path);
    [[nodiscard]] bool was_foreign(const std::string& domain);

    account::recipient_resolver& resolver_;
    account::address_owners& owners_;
    submission_rate messages_;
    submission_rate recipients_;
    const core::clock& clock_;
    account::bounded_table<std::string, core::timestamp> foreign_;  // domains, and when they were asked about
};

}  // namespace postern::smtp_server
