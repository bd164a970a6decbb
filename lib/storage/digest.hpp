#pragma once

#include <array>

#include "core/content.hpp"

namespace postern::storage {

/// SHA-256 of the octets, read in pieces: the memory used does not grow with the size. Blocks where reading does; throws what
/// it throws.
[[nodiscard]] std::array<unsigned char, 32> sha256(const core::content& octets);

}  // namespace postern::storage
