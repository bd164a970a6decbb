#pragma once

#include <string_view>

namespace postern::imap {

/// The octets have the shape of an APPEND up to its message (RFC 9051 6.3.12): a mailbox, then maybe flags, a date, "UTF8 (",
/// whatever is in them, and the space. Costs their length at most.
[[nodiscard]] bool is_append_prefix(std::string_view octets);

}  // namespace postern::imap
