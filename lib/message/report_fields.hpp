#pragma once

#include <string>
#include <string_view>

#include "message/delivery_report.hpp"

namespace postern::message {

/// Appends a field whose value may come from a stranger: "NAME: VALUE" with CRLF.
///
/// Control characters and line breaks become spaces, so nothing in the value can begin a field of its own; what is not UTF-8,
/// and without `utf8` everything outside ASCII, becomes "?". Longer than a line, it is folded between words, and through a word
/// of more than 900 octets (RFC 5322 2.1.1). At most 4,000 octets are kept.
void append_field(std::string& out, std::string_view name, std::string_view value, bool utf8);

/// The body of message/delivery-status (RFC 3464 section 2), or, where the report is smtputf8, of
/// message/global-delivery-status (RFC 6533 4.1).
[[nodiscard]] std::string report_fields(const delivery_report& report);

}  // namespace postern::message
