#pragma once

#include <chrono>

namespace postern::storage {

// Between two tries to reach a database that is away: from the first up to the last, doubling each time.
inline constexpr std::chrono::milliseconds first_pause{100};
inline constexpr std::chrono::milliseconds last_pause{5000};

}  // namespace postern::storage
