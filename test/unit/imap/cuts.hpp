#pragma once

#include <array>
#include <cstddef>

/// Sizes of the pieces in which a test feeds its octets: what comes out must not depend on how the network cut them.
inline constexpr std::array<std::size_t, 5> cuts{1, 2, 3, 1000, 1'000'000};
