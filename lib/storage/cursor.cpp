#include "storage/cursor.hpp"

#include <array>
#include <cstddef>

namespace postern::storage {
namespace {

constexpr std::uint8_t cursor_version = 1;
constexpr std::size_t octets_long = 13;
constexpr std::size_t text_long = 18;  // 13 octets are 17 characters and 2 bits: the last character's low 4 bits are zero
constexpr std::int64_t greatest_uid = 0xFFFF'FFFF;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using raw_cursor = std::array<std::uint8_t, octets_long>;

template <std::size_t Count>
void put(raw_cursor& into, std::size_t at, std::uint64_t number) {
    for (std::size_t i = 0; i < Count; ++i) into[at + i] = static_cast<std::uint8_t>(number >> (8 * (Count - 1 - i)));
}

template <std::size_t Count>
std::uint64_t get(const raw_cursor& from, std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < Count; ++i) number = number << 8 | from[at + i];
    return number;
}

}  // namespace

std::string encode_cursor(core::mailbox_id mailbox, std::int64_t before_uid) {
    raw_cursor raw{cursor_version};
    put<8>(raw, 1, static_cast<std::uint64_t>(mailbox.value));
    put<4>(raw, 9, static_cast<std::uint64_t>(before_uid));
    std::string text;
    text.reserve(text_long);
    for (std::size_t bit = 0; bit < octets_long * 8; bit += 6) {
        const std::size_t at = bit / 8;
        const unsigned window = raw[at] * 256U + (at + 1 < octets_long ? raw[at + 1] : 0U);
        text += alphabet[(window >> (10 - bit % 8)) & 63U];
    }
    return text;
}

std::optional<std::int64_t> decode_cursor(std::string_view cursor, core::mailbox_id mailbox) {
    if (cursor.size() != text_long) return std::nullopt;
    raw_cursor raw{};
    unsigned held = 0;
    unsigned bits = 0;
    std::size_t filled = 0;
    for (const char c : cursor) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        held = held << 6 | static_cast<unsigned>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        raw[filled++] = static_cast<std::uint8_t>(held >> bits);
        held &= (1U << bits) - 1;
    }
    if (held != 0) return std::nullopt;  // RFC 4648 3.5: bits that stand for nothing would give one position two texts
    const auto before_uid = static_cast<std::int64_t>(get<4>(raw, 9));
    if (raw[0] != cursor_version || before_uid < 1 || before_uid > greatest_uid) return std::nullopt;
    if (get<8>(raw, 1) != static_cast<std::uint64_t>(mailbox.value)) return std::nullopt;
    return before_uid;
}

}  // namespace postern::storage
