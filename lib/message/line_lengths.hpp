#pragma once

#include <cstddef>

namespace postern::message {

// Of the lines we write and pass on, in octets without CR LF (RFC 5322 2.1.1).
inline constexpr std::size_t columns = 78;        ///< they should have no more
inline constexpr std::size_t max_line = 998;      ///< they must have no more
inline constexpr std::size_t longest_word = 900;  ///< a word is cut here, which leaves room for what stands before it

}  // namespace postern::message
