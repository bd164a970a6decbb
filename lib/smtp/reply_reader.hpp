#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "smtp/line_reader.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

/// Reads a server's replies (RFC 5321 4.2), in pieces of any size, and bounds what a server may make us keep.
///
/// A line ends with CRLF and with nothing else, as in what we receive. Servers put text of others into their replies, a subject
/// or an address; if a LF in it ended a line, its author could write "250 ok" behind it, the next command of the session would
/// be taken for done, and mail would be lost that is not even his (RFC 5321 2.3.8). The codes of all lines must be the same
/// (RFC 5321 4.2.1). Whatever breaks a rule is a fault: nothing the server says afterwards can be matched to a command, so the
/// caller gives the session up.
///
/// Memory: at most max_octets and one line.
class reply_reader {
public:
    enum class fault { bad_line_end, line_too_long, too_long, syntax };

    /// RFC 5321 4.5.3.1.5 has 512 octets in a line, CRLF included; some servers do not count.
    static constexpr std::size_t max_line = 2048;
    /// Of one reply: no EHLO and no refusal comes near.
    static constexpr std::size_t max_lines = 128;
    static constexpr std::size_t max_octets = 16UL * 1024;

    struct progress {
        std::size_t consumed;                             ///< octets of the input that are done with
        std::optional<std::expected<reply, fault>> done;  ///< nullopt: all input consumed, more is needed
    };

    /// Takes octets up to the end of the next reply. Call again with the rest; not after a fault.
    progress feed(std::string_view input);

    /// Octets of an unfinished reply have been read.
    [[nodiscard]] bool in_reply() const noexcept { return lines_ > 0 || line_.in_line(); }

private:
    std::optional<std::expected<reply, fault>> take(const line_reader::line& line);

    line_reader line_{max_line};
    reply reply_;
    std::size_t lines_ = 0;
    std::size_t octets_ = 0;
};

[[nodiscard]] std::string_view to_string(reply_reader::fault f) noexcept;

/// The reply on one line, for reports and logs: "550 5.1.1 no such user", lines joined with a space, at most 1,000 octets. Its
/// text holds printable ASCII only: what else the server said stands as "?".
[[nodiscard]] std::string to_line(const reply& r);

}  // namespace postern::smtp
