#pragma once

#include <cstdint>

namespace postern::storage {

inline constexpr std::int64_t last_uid = 4'294'967'294;  // RFC 9051 2.3.1.1: 32 bits, and uid_next must fit too

}  // namespace postern::storage
