#include "smtp/xtext.hpp"

#include "smtp/characters.hpp"

namespace postern::smtp {

namespace {

constexpr std::string_view digits = "0123456789ABCDEF";

bool is_xchar(char c) { return is_visible(c) && c != '+' && c != '='; }

}  // namespace

std::string encode_xtext(std::string_view octets) {
    std::string text;
    text.reserve(octets.size());
    for (const char c : octets) {
        if (is_xchar(c)) {
            text += c;
        } else {
            const auto octet = static_cast<unsigned char>(c);
            text.append({'+', digits[octet >> 4U], digits[octet & 0xFU]});
        }
    }
    return text;
}

std::optional<std::string> decode_xtext(std::string_view text) {
    std::string octets;
    octets.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_xchar(text[i])) {
            octets += text[i];
            continue;
        }
        if (text[i] != '+' || text.size() - i < 3) return std::nullopt;
        const auto high = digits.find(to_upper(text[i + 1]));
        const auto low = digits.find(to_upper(text[i + 2]));
        if (high == digits.npos || low == digits.npos) return std::nullopt;
        octets += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return octets;
}

}  // namespace postern::smtp
