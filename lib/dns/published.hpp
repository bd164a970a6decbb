#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dns/resolver.hpp"

/// What a domain publishes so that mail finds its server and is believed when it comes from there.
namespace postern::dns {

/// What there is to tell the world. Names are A-labels, without the root's dot.
struct mail_service {
    std::string hostname;
    std::vector<std::string> addresses;  ///< of the host, as text; empty: not known
    std::uint16_t submission_port = 0;   ///< 0: none
    std::uint16_t submissions_port = 0;
    std::uint16_t imap_port = 0;
    std::uint16_t imaps_port = 0;
};

/// The records of `domain`, as lines of a zone file (RFC 1035 5.1): MX, SPF, where mail programs find their settings (RFC 6186,
/// RFC 8314), and the host's addresses where it is in that domain. What belongs into others' zones is there as a comment.
[[nodiscard]] std::string zone_records(const mail_service& service, const std::string& domain);

/// "1.2.0.192.in-addr.arpa" (RFC 1035 3.5, RFC 3596 2.5); empty for what is no address.
[[nodiscard]] std::string reverse_name(const std::string& address);

/// A record as text for those that are addresses; empty for others.
[[nodiscard]] std::string address_text(const record& r);

struct observation {
    enum class level { ok, warning, error };
    level is = level::ok;
    std::string text;  ///< says what to do unless all is well
};

/// The host's addresses, and whether they lead back to its name.
[[nodiscard]] net::awaitable<std::vector<observation>> look_at_host(resolver& ask, std::string hostname);

/// Whether the domain's mail comes to the host, and its SPF.
[[nodiscard]] net::awaitable<std::vector<observation>> look_at_domain(resolver& ask, std::string hostname, std::string domain);

}  // namespace postern::dns
