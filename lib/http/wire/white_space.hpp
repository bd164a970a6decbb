#pragma once

#include <algorithm>
#include <string_view>

namespace postern::http {

/// Without the optional white space around it (OWS: RFC 9110 5.6.3).
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(white), text.size()));
    return text.substr(0, text.find_last_not_of(white) + 1);
}

}  // namespace postern::http
