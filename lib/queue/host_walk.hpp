#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "dns/resolver.hpp"
#include "net/awaitable.hpp"
#include "net/stream.hpp"
#include "queue/route_table.hpp"
#include "smtp_client/delivery_status.hpp"
#include "smtp_client/mail_hosts.hpp"

namespace postern::queue {

/// The hosts of a next hop, address by address, in the order to try them (RFC 5321 5.1); each is looked up when its turn comes.
class host_walk {
public:
    /// At most this many addresses are given: a domain with a hundred dead hosts costs what one with ten costs.
    static constexpr std::size_t max_candidates = 10;

    struct candidate {
        std::string host;
        net::tcp_endpoint endpoint;
    };

    /// `resolver` and `random` outlive this. `own_names`: hosts that are this server, so that mail does not come back.
    host_walk(dns::resolver& resolver, core::random_source& random, next_hop hop, std::vector<std::string> own_names);

    /// The next one to try; nullopt when there is none left.
    net::awaitable<std::optional<candidate>> next();

    /// What was learned on the way where lookups failed: the last temporary failure, else the last permanent one; nullopt when
    /// all went well.
    [[nodiscard]] const std::optional<smtp_client::delivery_status>& failure() const noexcept { return failure_; }

private:
    net::awaitable<void> find_hosts();
    net::awaitable<void> find_addresses(std::string host);
    void failed(smtp_client::delivery_status why);

    dns::resolver& resolver_;
    core::random_source& random_;
    next_hop hop_;
    std::vector<std::string> own_names_;
    bool begun_ = false;
    std::size_t given_ = 0;
    std::deque<smtp_client::mail_host> hosts_;
    std::deque<candidate> found_;
    std::optional<smtp_client::delivery_status> failure_;
};

}  // namespace postern::queue
