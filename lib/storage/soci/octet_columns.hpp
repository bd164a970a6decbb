#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

#include "storage/soci/database_error.hpp"

namespace postern::storage {

/// What dialect::hex read. Throws database_error (failed) when that is another number of octets: somebody wrote to our tables.
template <std::size_t N>
std::array<unsigned char, N> octets_from_hex(std::string_view hex) {
    std::array<unsigned char, N> octets{};
    bool well = hex.size() == 2 * N;
    for (std::size_t i = 0; well && i < N; ++i) {
        const auto* digits = hex.data() + 2 * i;
        const auto [end, error] = std::from_chars(digits, digits + 2, octets[i], 16);
        well = error == std::errc{} && end == digits + 2;
    }
    if (!well) throw database_error(errc::failed, "a key in the database has the wrong size");
    return octets;
}

}  // namespace postern::storage
