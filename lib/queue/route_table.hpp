#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/relay_settings.hpp"

namespace postern::queue {

/// Where mail for a destination is handed to: what may share a connection and a transaction.
struct next_hop {
    /// One string per next hop. A domain, "[192.0.2.1]", or "host:port" for a fixed host.
    std::string key;
    std::string host;  ///< a fixed host, whose MX records are not asked for; empty: the mail hosts of the domain `key`
    std::uint16_t port = 25;
    bool smarthost = false;  ///< relay.host: with its login and TLS
};

/// Says where a destination's mail goes: relay.routes, then relay.host, then the domain's own mail hosts.
class route_table {
public:
    explicit route_table(const config::relay_settings& settings);

    /// `destination`: a domain as A-labels in lower case, or an address literal in brackets.
    [[nodiscard]] next_hop find(std::string_view destination) const;

private:
    std::unordered_map<std::string, next_hop> fixed_;
    next_hop smarthost_;
    std::uint16_t port_;
};

}  // namespace postern::queue
