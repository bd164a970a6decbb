#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace postern::smtp {

/// An enhanced mail system status code (RFC 3463), such as 5.1.1.
struct enhanced_status {
    std::uint16_t klass = 0;    ///< 2 success, 4 temporary failure, 5 permanent failure
    std::uint16_t subject = 0;  ///< 0 to 999
    std::uint16_t detail = 0;   ///< 0 to 999

    friend constexpr auto operator<=>(const enhanced_status&, const enhanced_status&) = default;
};

/// "5.1.1"
[[nodiscard]] std::string to_string(enhanced_status s);

}  // namespace postern::smtp
