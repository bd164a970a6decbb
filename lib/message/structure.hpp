#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "message/boundary_stack.hpp"
#include "message/header_block.hpp"
#include "message/octet_window.hpp"
#include "message/part.hpp"

namespace postern::message {

/// Walks the parts of a message (RFC 2045, 2046) from front to back and keeps where each lies, not what it holds.
///
/// Postern walks itself, and leaves to GMime what stands in fields and bodies, because GMime's own parser builds an object per
/// part however many a stranger makes: 1.5 MB of empty parts cost it 390 MB and 3 s, and 50 MB may come. Here a message costs
/// its length once.
///
/// Bounds: max_parts parts, max_depth multiparts within each other, headers as read_header's. What goes deeper is one part with
/// all that it holds; what comes after the last part counted is not seen. A message within the message (message/rfc822) is a
/// part, not walked: its own view is made by opening it.
///
/// Broken structure: a multipart that is never closed ends with what encloses it; one in which no delimiter occurs is text.
class structure {
public:
    static constexpr std::size_t max_parts = 1000;
    static constexpr std::size_t max_depth = 50;
    static constexpr std::size_t max_header = 256UL * 1024;
    static constexpr std::size_t max_part_header = 64UL * 1024;

    /// Reads the header. Walking stops `scan_limit` octets into the message: what comes after is not looked at. `window` must
    /// outlive this. Throws what reading the content throws, as does next().
    structure(octet_window& window, std::uint64_t scan_limit);

    /// Walks to the next delimiter, which ends one part and may begin another; false when there is none left.
    bool next();

    [[nodiscard]] const header_block& header() const noexcept { return header_; }

    /// The message itself first, then its parts in order. The last one's body may have no end yet
    /// while next() returns true.
    [[nodiscard]] const std::vector<part>& parts() const noexcept { return parts_; }

private:
    void add_part(part p, std::uint64_t body_begin);
    void begin_part(std::uint64_t header_begin, std::size_t level);
    void end_parts(std::size_t level, std::uint64_t end);

    octet_window& window_;
    std::uint64_t limit_;
    header_block header_;
    std::vector<part> parts_;
    boundary_stack boundaries_;
    std::vector<std::size_t> open_;    // the parts boundaries_ belong to
    std::optional<std::size_t> leaf_;  // whose body we stand in; none in a preamble or an epilogue
    std::uint64_t at_ = 0;
};

/// The whole structure of a message, whatever its length.
[[nodiscard]] structure walk(octet_window& window);

}  // namespace postern::message
