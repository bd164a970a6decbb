#pragma once

#include "queue/sending_rules.hpp"
#include "smtp_server/policy.hpp"

namespace postern::smtp_server {

/// Ports 587 and 465 (RFC 6409): who has signed in sends by the sending rules; nobody else sends anything.
///
/// The null reverse-path is taken from a mail program that sends a disposition notification (RFC 8098 section 3); in whose
/// name, the header says all the same.
class submission_policy final : public policy {
public:
    /// The rules outlive the policy.
    explicit submission_policy(queue::sending_rules& rules) : rules_(rules) {}

    net::awaitable<std::optional<smtp::reply>> sender(const submitter& from, const smtp::address& reverse_path,
                                                      const smtp::mail_parameters& parameters) override;
    net::awaitable<std::expected<queue::recipient_place, smtp::reply>> recipient(const submitter& from,
                                                                                 const smtp::address& forward_path,
                                                                                 std::uint64_t size) override;
    net::awaitable<std::optional<smtp::reply>> authors(const submitter& from,
                                                       const std::vector<std::string>& addresses) override;

private:
    queue::sending_rules& rules_;
};

}  // namespace postern::smtp_server
