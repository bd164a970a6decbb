#pragma once

#include <cstddef>

namespace postern::storage {

// What one call takes on at most, whatever is asked for: no session of the pool, and no transaction of the writer, is one
// caller's for long.
inline constexpr std::size_t largest_page = 500;          ///< entries listed
inline constexpr std::size_t most_imap_entries = 10'000;  ///< entries listed to a client that keeps all of them
inline constexpr std::size_t most_at_once = 1'000;        ///< entries that came in and are put where they belong
inline constexpr std::size_t most_removed = 10'000;       ///< old rows

}  // namespace postern::storage
