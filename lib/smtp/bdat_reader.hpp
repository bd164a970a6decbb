#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "smtp/line_discipline.hpp"
#include "smtp/octet_sink.hpp"

namespace postern::smtp {

enum class body_type { seven_bit, eight_bit, binary };  ///< BODY= of RFC 6152 and RFC 3030

/// Counts the octets of BDAT chunks (RFC 3030) and assembles a message from them.
///
/// One reader reads one message: begin() with each BDAT command, then feed() until the chunk is finished, then begin() with the
/// next. Octets are handed on as they are: there is no dot stuffing. Text (BODY=7BIT or 8BITMIME) is held to the same line
/// discipline as after DATA, also across chunk borders; with BODY=BINARYMIME every octet is allowed.
///
/// A chunk that is refused must still be read to its end, or its octets would be taken for commands: use a reader with a
/// discarding_sink for it.
class bdat_reader {
public:
    struct progress {
        std::size_t consumed;  ///< octets of the input that are done with; the rest belongs to the next command
        bool finished;         ///< the chunk has been read; true at once for a chunk of 0 octets
    };

    explicit bdat_reader(body_type body = body_type::seven_bit) noexcept : body_(body) {}

    /// Starts a chunk of `size` octets. The chunk before must be finished.
    void begin(std::uint64_t size, bool last) noexcept;

    /// Takes from `input` what belongs to the chunk and appends it to `out`. Call it at least once per chunk, with an empty
    /// input if there is none.
    progress feed(std::string_view input, octet_sink& out);

    /// Octets in the chunks begun so far, saturating: known before they arrive, so a too large message is known early.
    [[nodiscard]] std::uint64_t announced() const noexcept { return announced_; }

    /// Octets still missing from the current chunk.
    [[nodiscard]] std::uint64_t remaining() const noexcept { return remaining_; }

    /// The first fault seen, or none. Final once the last chunk is finished.
    [[nodiscard]] octet_fault first_fault() const noexcept { return text_.first_fault(); }

private:
    body_type body_;
    line_discipline text_;
    std::uint64_t announced_ = 0;
    std::uint64_t remaining_ = 0;
    bool last_ = false;
};

}  // namespace postern::smtp
