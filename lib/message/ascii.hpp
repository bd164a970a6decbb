#pragma once

namespace postern::message {

/// RFC 5234 B.1: WSP.
[[nodiscard]] constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// In no locale: what a stranger wrote is compared alike everywhere.
[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace postern::message
