#pragma once

#include "smtp_server/policy.hpp"

namespace postern::smtp_server {

/// Port 25: anybody may send, and only to our own accounts. There is no case in which it relays.
class receive_policy final : public policy {
public:
    explicit receive_policy(account::recipient_resolver& resolver) : resolver_(resolver) {}

    net::awaitable<std::optional<smtp::reply>> sender(const submitter& from, const smtp::address& reverse_path,
                                                      const smtp::mail_parameters& parameters) override;
    net::awaitable<std::expected<queue::recipient_place, smtp::reply>> recipient(const submitter& from,
                                                                                 const smtp::address& forward_path,
                                                                                 std::uint64_t size) override;
    net::awaitable<std::optional<smtp::reply>> authors(const submitter& from,
                                                       const std::vector<std::string>& addresses) override;

private:
    account::recipient_resolver& resolver_;
};

}  // namespace postern::smtp_server
