#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace postern::net {

/// An IPv4 address that came in IPv6's clothes (::ffff:192.0.2.1) as itself; any other as it is.
[[nodiscard]] boost::asio::ip::address plain(const boost::asio::ip::address& a);

/// Networks somebody is trusted from. The empty list holds nobody.
class network_list {
public:
    network_list() = default;

    /// "192.0.2.0/24", "2001:db8::/32". Settings are checked when they are read, so what cannot be understood holds nobody.
    explicit network_list(std::span<const std::string> networks);

    [[nodiscard]] bool contains(const boost::asio::ip::address& a) const;
    [[nodiscard]] bool empty() const noexcept { return v4_.empty() && v6_.empty(); }

private:
    std::vector<boost::asio::ip::network_v4> v4_;
    std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace postern::net
