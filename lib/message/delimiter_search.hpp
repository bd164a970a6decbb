#pragma once

#include <cstdint>
#include <optional>

#include "message/boundary_stack.hpp"
#include "message/octet_window.hpp"

namespace postern::message {

/// A delimiter line of an open multipart, and where it lies.
struct found_delimiter {
    std::uint64_t begin = 0;
    std::uint64_t behind = 0;  ///< where the next line begins
    boundary_stack::delimiter meant{};
};

/// The first delimiter that begins in [from, limit); nullopt: there is none. Costs what it passes once.
/// Throws what reading the content throws.
[[nodiscard]] std::optional<found_delimiter> find_delimiter(octet_window& window, const boundary_stack& open,
                                                            std::uint64_t from, std::uint64_t limit);

/// Where a body that began at `begin` ends before a delimiter: the delimiter owns the line break before it (RFC 2046 5.1.1).
[[nodiscard]] std::uint64_t body_end_before(octet_window& window, std::uint64_t begin, std::uint64_t delimiter);

}  // namespace postern::message
