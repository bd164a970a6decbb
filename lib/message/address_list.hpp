#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "message/envelope.hpp"

namespace postern::message {

/// Reads an address list (RFC 5322 3.4) as IMAP tells it: quotes and backslashes taken off, encoded words left, routes dropped,
/// a comment as the name where there is no other. Appends to `out` until that holds `max`; a group that was begun is always
/// ended.
///
/// GMime would decode the words, which cannot be undone faithfully. `line`: unfolded, without control characters. Takes time
/// in proportion to its length, whatever it holds; what is no address becomes one without a host.
void read_address_list(std::string_view line, std::size_t max, std::vector<envelope_address>& out);

}  // namespace postern::message
