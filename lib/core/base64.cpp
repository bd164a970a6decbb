#include "core/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace postern::core {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t none = 0xFF;

constexpr auto values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(none);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

std::uint32_t octet(char c) { return static_cast<unsigned char>(c); }

}  // namespace

std::string encode_base64(std::string_view octets) {
    std::string text;
    text.reserve((octets.size() + 2) / 3 * 4);
    while (!octets.empty()) {
        const auto taken = octets.substr(0, 3);
        std::uint32_t bits = octet(taken[0]) << 16U;
        if (taken.size() > 1) bits |= octet(taken[1]) << 8U;
        if (taken.size() > 2) bits |= octet(taken[2]);
        text += alphabet[bits >> 18U];
        text += alphabet[bits >> 12U & 63U];
        text += taken.size() > 1 ? alphabet[bits >> 6U & 63U] : '=';
        text += taken.size() > 2 ? alphabet[bits & 63U] : '=';
        octets.remove_prefix(taken.size());
    }
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string octets;
    octets.reserve(text.size() / 4 * 3);
    const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
    text.remove_suffix(padding);
    std::uint32_t bits = 0;
    unsigned pending = 0;  // bits that no octet has yet
    for (const char c : text) {
        const auto value = values[static_cast<unsigned char>(c)];
        if (value == none) return std::nullopt;
        bits = bits << 6U | value;
        pending += 6;
        if (pending < 8) continue;
        pending -= 8;
        octets += static_cast<char>(bits >> pending & 0xFFU);
    }
    if ((bits & ((1U << pending) - 1U)) != 0) return std::nullopt;
    return octets;
}

}  // namespace postern::core
