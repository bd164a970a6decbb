#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>

#include "core/clock.hpp"
#include "core/content.hpp"

/// What both databases do alike to a message on its way into the tables.
namespace postern::storage {

/// A row holds at most this many octets of a message: its own, or one of message_content.
inline constexpr std::size_t largest_part = 1024UL * 1024;

/// Calls `each(number, offset, size)` for every part; none for a message without octets.
template <class F>
void for_each_part(const core::content& octets, F each) {
    std::int64_t number = 0;
    for (std::uint64_t offset = 0; offset < octets.size(); offset += largest_part) {
        each(number++, offset, static_cast<std::size_t>(std::min<std::uint64_t>(largest_part, octets.size() - offset)));
    }
}

/// Fills `into` from `offset` on, wholly.
inline void read_part(const core::content& octets, std::uint64_t offset, std::span<char> into) {
    while (!into.empty()) {
        const auto got = octets.read(offset, into);
        if (got == 0) throw std::runtime_error("the message ended before its size");
        offset += got;
        into = into.subspan(got);
    }
}

/// A Date field's time where it has a year of four digits. Anybody may write any date: what neither database nor RFC 3339
/// can hold must not keep the message from being stored.
[[nodiscard]] inline std::optional<core::timestamp> storable(std::optional<core::timestamp> date) {
    constexpr std::chrono::sys_days first = std::chrono::year{0} / 1 / 1;
    constexpr std::chrono::sys_days end = std::chrono::year{10'000} / 1 / 1;
    return date && *date >= first && *date < end ? date : std::nullopt;
}

}  // namespace postern::storage
