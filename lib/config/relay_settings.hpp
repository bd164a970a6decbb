#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace postern::config {

/// An address to listen on or to ask: IPv4 or IPv6 literal and port. Port 0 takes a free one (tests).
struct endpoint {
    std::string address;
    std::uint16_t port = 0;

    friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// [queue]
struct queue_settings {
    using duration = std::chrono::milliseconds;

    /// Pauses after the first failure, the second, ...; the last repeats.
    std::vector<duration> retry = {std::chrono::minutes(1),  std::chrono::minutes(5),  std::chrono::minutes(10),
                                   std::chrono::minutes(20), std::chrono::minutes(40), std::chrono::hours(1)};
    duration expire = std::chrono::days(4);         ///< after this a message that could not be delivered is returned
    duration delay_notice = std::chrono::hours(4);  ///< after this its sender is told that it is delayed; 0: never
    std::size_t connections = 200;                  ///< outbound, in all
    std::size_t connections_per_destination = 20;
    duration lease = std::chrono::minutes(10);  ///< how long work on an item is ours without renewal
};

enum class relay_tls { opportunistic, required, implicit, none };

/// Mail for one domain goes to a fixed host.
struct relay_route {
    std::string domain;  ///< A-labels
    std::string host;    ///< A-labels or an IP address
    std::uint16_t port = 25;

    friend bool operator==(const relay_route&, const relay_route&) = default;
};

/// [relay]
struct relay_settings {
    std::string host;         ///< of the smarthost; empty: each domain's own mail hosts
    std::uint16_t port = 25;  ///< of the smarthost and of mail hosts
    std::string user;         ///< for the smarthost; empty: no login
    std::string password;
    relay_tls tls = relay_tls::opportunistic;  ///< with the smarthost
    std::vector<relay_route> routes;
    std::vector<std::string> source_addresses;  ///< IP literals to connect from; empty: the system's choice
};

/// [dns]
struct dns_settings {
    std::vector<endpoint> servers;            ///< in order of preference; empty: the system's
    std::chrono::milliseconds timeout{2000};  ///< for the first try at a server
};

/// [events]
struct event_settings {
    std::chrono::seconds retention = std::chrono::days(90);  ///< then what happened to a message is forgotten; 0: never
};

}  // namespace postern::config
