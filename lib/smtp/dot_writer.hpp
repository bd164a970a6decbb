#pragma once

#include <string>
#include <string_view>

#include "smtp/line_discipline.hpp"

namespace postern::smtp {

/// Makes of a message what goes over the wire after DATA (RFC 5321 4.5.2): a dot is set before every dot that starts a line,
/// and a "." line ends it. Everything else goes as it is. The other direction of dot_reader.
///
/// Feed it the message in pieces of any size. A message that does not end with CRLF gets one, since the final dot needs a line
/// of its own. One writer writes one message.
///
/// A bare CR, a bare LF or a NUL is a fault, and the caller must break off before the end: the next server may take LF "." LF
/// for the end of the message, and what its author wrote behind it for our commands (RFC 5321 2.3.8).
class dot_writer {
public:
    /// Appends `message` to `out`, which grows by at most 4/3 of its octets, plus one.
    void feed(std::string_view message, std::string& out);

    /// Appends what ends the message.
    void finish(std::string& out);

    /// The first fault seen, or none. Final after finish().
    [[nodiscard]] octet_fault first_fault() const noexcept { return fault_; }

private:
    enum class state { line_start, in_line, after_cr };

    void note(octet_fault f) noexcept;

    state state_ = state::line_start;
    octet_fault fault_ = octet_fault::none;
};

}  // namespace postern::smtp
