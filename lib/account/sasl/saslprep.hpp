#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::account::sasl {

/// SASLprep (RFC 4013) of a query string: the one form of a user name, whatever client it came from. Unassigned code points
/// pass; normalization is that of today's Unicode. nullopt when the text is not UTF-8, holds what is prohibited, mixes
/// directions as it must not, or leaves nothing.
[[nodiscard]] std::optional<std::string> saslprep(std::string_view utf8);

}  // namespace postern::account::sasl
