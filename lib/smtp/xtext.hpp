#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

/// Any octets as xtext (RFC 3461 section 4), the form in which ENVID, ORCPT and AUTH carry what an esmtp-value may not hold:
/// "a+b=c" becomes "a+2Bb+3Dc". Printable ASCII stands for itself.
[[nodiscard]] std::string encode_xtext(std::string_view octets);

/// What xtext stands for; nullopt when the text is not xtext. At most as long as `text`. The octets may be any, NUL and line
/// ends too: whoever puts them into a header or a log checks them first. Hexadecimal digits are taken in both cases, as RFC
/// 4954 has them.
[[nodiscard]] std::optional<std::string> decode_xtext(std::string_view text);

}  // namespace postern::smtp
