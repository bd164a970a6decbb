#pragma once

#include <string_view>

/// The character classes of RFC 5321 and RFC 5234, free of locales.
namespace postern::smtp {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_alnum(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_visible(char c) noexcept { return c > ' ' && c <= '~'; }
constexpr bool is_beyond_ascii(char c) noexcept { return static_cast<unsigned char>(c) >= 0x80; }

/// RFC 5322 3.2.3, with the octets of UTF-8 (RFC 6531 3.3).
constexpr bool is_atext(char c) noexcept {
    return is_alnum(c) || is_beyond_ascii(c) ||
           (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos);
}

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    }
    return true;
}

}  // namespace postern::smtp
