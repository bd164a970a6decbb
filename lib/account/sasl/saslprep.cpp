#include "account/sasl/saslprep.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "core/unicode.hpp"

namespace postern::account::sasl {

namespace {

struct range {
    ucs4_t first;
    ucs4_t last;
};

template <std::size_t N>
bool is_in(const std::array<range, N>& table, ucs4_t c) {
    return std::ranges::any_of(table, [c](range r) { return r.first <= c && c <= r.last; });
}

/// RFC 3454 B.1: commonly mapped to nothing.
constexpr std::array nothing{
    range{0x00AD, 0x00AD}, range{0x034F, 0x034F}, range{0x1806, 0x1806}, range{0x180B, 0x180D},
    range{0x200B, 0x200D}, range{0x2060, 0x2060}, range{0xFE00, 0xFE0F}, range{0xFEFF, 0xFEFF},
};

/// RFC 3454 C.1.2: spaces beyond ASCII.
constexpr std::array spaces{
    range{0x00A0, 0x00A0}, range{0x1680, 0x1680}, range{0x2000, 0x200A},
    range{0x202F, 0x202F}, range{0x205F, 0x205F}, range{0x3000, 0x3000},
};

/// RFC 4013 2.3: RFC 3454 C.2.1, C.2.2 and C.3 to C.9. What ends in FFFE and FFFF is looked at apart.
constexpr std::array prohibited{
    range{0x0000, 0x001F},   range{0x007F, 0x009F},   range{0x0340, 0x0341},   range{0x06DD, 0x06DD},
    range{0x070F, 0x070F},   range{0x180E, 0x180E},   range{0x200C, 0x200F},   range{0x2028, 0x202E},
    range{0x2060, 0x2063},   range{0x206A, 0x206F},   range{0x2FF0, 0x2FFB},   range{0xD800, 0xF8FF},
    range{0xFDD0, 0xFDEF},   range{0xFEFF, 0xFEFF},   range{0xFFF9, 0xFFFF},   range{0x1D173, 0x1D17A},
    range{0xE0001, 0xE0001}, range{0xE0020, 0xE007F}, range{0xF0000, 0xFFFFF}, range{0x100000, 0x10FFFF},
};

bool is_prohibited(ucs4_t c) { return is_in(prohibited, c) || (c & 0xFFFEU) == 0xFFFEU; }

struct free_deleter {
    void operator()(void* p) const noexcept { std::free(p); }
};

/// RFC 3454 section 6: either nothing runs from right to left, or the text begins and ends so and nothing runs the other way.
bool is_one_direction(const std::vector<ucs4_t>& text) {
    const auto right_to_left = [](ucs4_t c) {
        const auto category = uc_bidi_category(c);
        return category == UC_BIDI_R || category == UC_BIDI_AL;
    };
    if (std::ranges::none_of(text, right_to_left)) return true;
    if (std::ranges::any_of(text, [](ucs4_t c) { return uc_bidi_category(c) == UC_BIDI_L; })) return false;
    return right_to_left(text.front()) && right_to_left(text.back());
}

std::vector<ucs4_t> code_points(std::string_view utf8) {
    std::vector<ucs4_t> points;
    const auto* at = reinterpret_cast<const std::uint8_t*>(utf8.data());
    for (auto left = utf8.size(); left > 0;) {
        ucs4_t c = 0;
        const auto length = u8_mbtouc_unsafe(&c, at, left);
        points.push_back(c);
        at += length;
        left -= static_cast<std::size_t>(length);
    }
    return points;
}

/// RFC 4013 2.1, 2.2: mapped, then NFKC.
std::vector<ucs4_t> normal_form(std::string_view utf8) {
    std::vector<ucs4_t> mapped;
    for (const auto c : code_points(utf8)) {
        if (!is_in(nothing, c)) mapped.push_back(is_in(spaces, c) ? U' ' : c);
    }
    std::size_t size = 0;
    const std::unique_ptr<std::uint32_t, free_deleter> normal(
        u32_normalize(UNINORM_NFKC, mapped.data(), mapped.size(), nullptr, &size));
    if (!normal && size > 0) throw std::bad_alloc();
    return {normal.get(), normal.get() + size};
}

}  // namespace

std::optional<std::string> saslprep(std::string_view utf8) {
    if (!core::is_utf8(utf8)) return std::nullopt;
    const auto points = normal_form(utf8);
    if (points.empty() || std::ranges::any_of(points, is_prohibited) || !is_one_direction(points)) return std::nullopt;
    std::string prepared;
    for (const auto c : points) {
        std::array<std::uint8_t, 6> encoded{};
        const auto length = u8_uctomb(encoded.data(), c, encoded.size());
        prepared.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(std::max(length, 0)));
    }
    return prepared;
}

}  // namespace postern::account::sasl
