#include "net/network_list.hpp"

#include <algorithm>

namespace postern::net {

namespace ip = boost::asio::ip;

ip::address plain(const ip::address& a) {
    if (a.is_v6() && a.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, a.to_v6());
    return a;
}

network_list::network_list(std::span<const std::string> networks) {
    for (const auto& each : networks) {
        boost::system::error_code wrong;
        if (const auto v4 = ip::make_network_v4(each, wrong); !wrong) v4_.push_back(v4.canonical());
        if (const auto v6 = ip::make_network_v6(each, wrong); !wrong) v6_.push_back(v6.canonical());
    }
}

bool network_list::contains(const ip::address& a) const {
    const auto asked = plain(a);
    if (asked.is_v4())
        return std::ranges::any_of(
            v4_, [&](const auto& n) { return ip::network_v4(asked.to_v4(), n.prefix_length()).canonical() == n; });
    const auto v6 = asked.to_v6();
    return std::ranges::any_of(v6_, [&](const auto& n) { return ip::network_v6(v6, n.prefix_length()).canonical() == n; });
}

}  // namespace postern::net
