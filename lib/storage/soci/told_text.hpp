#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/unicode.hpp"

namespace postern::storage {

/// What a stranger said of itself, so that it fits a row: UTF-8 without control characters, cut at 256 octets.
[[nodiscard]] inline std::string told_text(std::string_view said) {
    constexpr std::size_t most = 256;
    auto text = core::to_valid_utf8(said.substr(0, most));
    for (auto& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    std::size_t end = text.size();
    if (end > most) {
        end = most;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    }
    text.resize(end);
    return text;
}

}  // namespace postern::storage
