#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

/// RFC 4648 section 4, with padding, in one line.
[[nodiscard]] std::string encode_base64(std::string_view octets);

/// RFC 4648 section 4, strictly: no white space, padding at the end only, and no bits set that padding leaves over, so that
/// octets have one spelling. nullopt for anything else. "" is the empty string of octets.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace postern::core
