#pragma once

#include <cstddef>
#include <string_view>

#include "smtp/line_discipline.hpp"
#include "smtp/octet_sink.hpp"

namespace postern::smtp {

/// Finds the end of a message in the bytes after DATA, and takes the sender's dots out again (RFC 5321 4.5.2).
///
/// Feed it whatever the socket gave, in pieces of any size; it hands on the message's own octets in slices of the input, cut
/// only where a dot is taken out, and says when the final "." line has passed. It never allocates and keeps two octets of
/// state between calls. One reader reads one message.
///
/// Only CRLF "." CRLF ends a message. A bare CR, a bare LF or a NUL makes the message faulty, and reading goes on to the true
/// end: if we answered at the fault, what follows would be taken for commands, which is how a message is smuggled past us
/// (RFC 5321 2.3.8, 4.1.1.4). The caller refuses a faulty message with replies::faulty_message, after its end.
class dot_reader {
public:
    struct progress {
        std::size_t consumed;  ///< octets of the input that are done with; the rest belongs to the next command
        bool finished;         ///< the final dot line has passed
    };

    /// Takes `input`, appends the message's octets to `out`, which receives at most `input.size() + 1` octets.
    /// Everything is consumed unless the message ends within. Never throws but for what `out` throws.
    progress feed(std::string_view input, octet_sink& out);

    /// The first fault seen, or none. Final once finished.
    [[nodiscard]] octet_fault first_fault() const noexcept { return fault_; }

private:
    enum class state { line_start, in_line, after_cr, dot, dot_cr, finished };

    void note(octet_fault f) noexcept;
    [[nodiscard]] state after_text(char c) noexcept;

    state state_ = state::line_start;  // after DATA we stand at the start of a line
    octet_fault fault_ = octet_fault::none;
};

}  // namespace postern::smtp
