#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/fields.hpp>

#include "net/network_list.hpp"

namespace postern::http {

/// Where a request came from.
struct origin {
    boost::asio::ip::address address;
    bool secure = false;  ///< through TLS
};

/// Where a request came from that arrived from `direct`. From proxies in `trusted` the fields X-Forwarded-For and
/// X-Forwarded-Proto are believed, from nobody else: whoever could write them could choose his address.
///
/// Each proxy appends whom it heard from, so the field is read from its end, as far as those who speak are trusted; what stands
/// before the first who is not, a client may have made up. The Forwarded field (RFC 7239) is not read: a proxy that writes one
/// of the two hands on the other as the client sent it, and nobody can tell which one it writes.
[[nodiscard]] origin origin_of(const boost::beast::http::fields& fields, const origin& direct,
                               const net::network_list& trusted);

}  // namespace postern::http
