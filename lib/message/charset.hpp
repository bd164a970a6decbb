#pragma once

#include <string>
#include <string_view>

namespace postern::message {

/// `octets` in the charset a message names, as UTF-8. The result is valid UTF-8 but may hold control characters.
///
/// What a message says is not believed where it cannot be true: without a charset, with one we do not know, or where the octets
/// are not what is declared, it is UTF-8 if it reads as UTF-8, else Windows-1252. Octets that cannot be converted become
/// U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view octets, std::string_view charset);

/// A header field's value with the charsets of its encoded words (RFC 2047) replaced by names that are safe to hand to the C
/// library's converters.
[[nodiscard]] std::string with_known_charsets_in_words(std::string_view value);

/// The same for the charsets of a field's parameters (RFC 2231).
[[nodiscard]] std::string with_known_charsets_in_parameters(std::string_view value);

}  // namespace postern::message
