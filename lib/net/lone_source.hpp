#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace postern::net {

/// The default gateways in the kernel's tables, /proc/net/route and /proc/net/ipv6_route. Lines that are none are left out.
[[nodiscard]] std::vector<boost::asio::ip::address> default_gateways(std::string_view route, std::string_view ipv6_route);

/// Those of this machine, which in a container are its own; only the private ones (RFC 1918, RFC 4193). Reads two small files
/// of the kernel.
[[nodiscard]] std::vector<boost::asio::ip::address> private_gateways();

/// Notices that every client seems to come from one private gateway: then an address translator (Docker's, a container
/// network's) stands between and hides who they are, limits per address fall on all of them together, and trust by address
/// would be trust in everybody.
class lone_source {
public:
    static constexpr std::size_t enough = 100;  ///< connections

    explicit lone_source(std::vector<boost::asio::ip::address> gateways) : gateways_(std::move(gateways)) {}

    /// A client has come. True once: when it is the hundredth, and all of them came from the same gateway.
    [[nodiscard]] bool seen(const boost::asio::ip::address& client);

private:
    std::vector<boost::asio::ip::address> gateways_;  // empty: there is nothing to notice any more
    boost::asio::ip::address only_;
    std::size_t count_ = 0;
};

}  // namespace postern::net
