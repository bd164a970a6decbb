#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dns/records.hpp"

/// Reads an answer off the wire (RFC 1035 section 4). Names are c-ares's to expand; the walk over the records is ours, since
/// c-ares 1.18 gives no TTL for most types and no TLSA.
namespace postern::dns {

/// What `message` says about `name` and `type`: follows at most 16 CNAMEs inside the message, takes records of `type` at the
/// end of them, the least TTL on the way, the SOA's for a negative answer (RFC 2308 section 5), and the AD bit. Anything
/// malformed (records past the end, compression loops, a chain too long) is a temporary_failure. Reads at most 500 records.
/// Never throws.
[[nodiscard]] answer read_answer(std::span<const unsigned char> message, std::string_view name, record_type type);

/// RFC 1035 2.3.3: names compare without regard to ASCII case, and the root's dot does not matter.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;

}  // namespace postern::dns
