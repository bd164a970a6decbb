#pragma once

#include <cstddef>
#include <string>

#include "message/octet_window.hpp"
#include "message/part.hpp"

namespace postern::message {

struct decoded_text {
    std::string utf8;        ///< clean, lines end in LF (clean_text.hpp)
    bool truncated = false;  ///< the part holds more
};

/// A text part's octets decoded and converted: at most its first `max` octets, and at most `max` octets of UTF-8.
/// A part that names no charset may do so in its HTML. Throws what reading the content throws.
[[nodiscard]] decoded_text decode_body(octet_window& window, const part& p, std::size_t max);

}  // namespace postern::message
