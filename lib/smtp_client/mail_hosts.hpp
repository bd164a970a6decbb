#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "core/random.hpp"
#include "dns/resolver.hpp"
#include "net/awaitable.hpp"
#include "smtp_client/delivery_status.hpp"

/// Where a domain's mail goes (RFC 5321 section 5), and at which addresses.
namespace postern::smtp_client {

struct mail_host {
    std::string name;              ///< A-labels, or an address literal's address
    std::uint16_t preference = 0;  ///< of its MX record; 0 for the domain itself and for a literal

    friend bool operator==(const mail_host&, const mail_host&) = default;
};

/// The hosts that take mail for `destination`, in the order to try them: by preference, equal ones shuffled with `random`.
///
/// `destination` is a domain as A-labels or an address literal in brackets. A domain without MX is its own host (RFC 5321
/// 5.1), a CNAME is followed, and hosts at or behind the preference of one of `own_names` are left out, or mail would go
/// round in a circle. At most 50 hosts. Failures: 5.1.2 no such domain, 5.1.10 null MX (RFC 7505), 5.4.6 only we ourselves
/// are left, 4.4.3 DNS could not say.
net::awaitable<std::expected<std::vector<mail_host>, delivery_status>> find_mail_hosts(dns::resolver& resolver,
                                                                                       std::string destination,
                                                                                       std::vector<std::string> own_names,
                                                                                       core::random_source& random);

/// The addresses of a host, those the machine has a route to first, IPv6 before IPv4 among them (RFC 6724 as the kernel
/// applies it: connecting a UDP socket sends nothing and tells). At most 20. Failures: 5.1.2 or 4.4.3; a host without addresses
/// is temporary where `from_mx`, since its owner may mend it, and permanent where the mail domain itself has none (RFC
/// 5321 5.1).
net::awaitable<std::expected<std::vector<boost::asio::ip::address>, delivery_status>> find_addresses(dns::resolver& resolver,
                                                                                                     std::string host,
                                                                                                     bool from_mx);

}  // namespace postern::smtp_client
