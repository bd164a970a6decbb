#pragma once

#include <array>
#include <string_view>

/// What the reader and the writer of an mbox both know of its lines between messages.
namespace postern::archive {

inline constexpr std::string_view mbox_from = "From ";
inline constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace postern::archive
