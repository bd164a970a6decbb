#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "net/stream.hpp"

namespace postern::net {

/// What stands before everything else on a connection that a proxy made for its client: the PROXY protocol, version 1 (a line)
/// or 2 (binary), as HAProxy's proxy-protocol.txt has it.
struct proxy_header {
    std::size_t size = 0;  ///< octets it takes; what follows is the client's

    /// Where the client is, IPv4 never in IPv6's clothes. nullopt: the proxy speaks for itself (LOCAL, a health check) or knows
    /// no address (UNKNOWN, UNSPEC, a UNIX socket), and the connection's own address holds.
    std::optional<tcp_endpoint> client{};
};

/// The longest header that is taken: what real proxies add in TLVs, which are skipped, is far less.
constexpr std::size_t longest_proxy_header = 4096;

/// Reads the header at the front of `octets`; nullopt while it is not whole. bad_proxy_header as soon as it cannot become one:
/// a listed proxy that does not send it, or sends it wrong, must not pass for a client. Pure; bounds every length.
[[nodiscard]] core::result<std::optional<proxy_header>> parse_proxy_header(std::string_view octets);

/// Takes the header off a connection, `limit` for all of it, and not an octet more: what follows may be a TLS handshake or a
/// client that talks too early. bad_proxy_header, timed_out, closed, cancelled.
[[nodiscard]] awaitable<core::result<std::optional<tcp_endpoint>>> read_proxy_header(tcp_socket& socket,
                                                                                     deadline::duration limit);

}  // namespace postern::net
