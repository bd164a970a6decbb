#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

/// Cuts what a client sends between messages into command lines, in pieces of any size.
///
/// A line ends with CRLF and with nothing else. A line that holds a bare CR, a bare LF or a NUL, or that is longer than the
/// limit, is faulty as a whole: the fault is told once, when it is seen (a client that ends lines with LF would wait for ever
/// otherwise), and the rest of the line up to its true CRLF is skipped, unseen and unbuffered. If a bare LF ended a line, a
/// sender who gets one into an argument at a relay could make us execute what follows it as a command of the relay's
/// (RFC 5321 2.3.8); and so there is exactly one reply per CRLF, and nobody loses step.
///
/// Memory: at most `limit` octets. A line that never ends must be ended by the caller's time limit.
class line_reader {
public:
    enum class fault { none, bare_cr, bare_lf, nul, too_long };

    /// RFC 5321 4.5.3.1.4 asks for 512; MAIL and RCPT parameters (RFC 1870, 3030, 3461, 6531) lengthen a line.
    static constexpr std::size_t default_limit = 2048;

    struct line {
        std::string_view text;  ///< without CRLF; empty when faulty; valid until the next feed() and while the input is
        fault faulty = fault::none;
    };

    struct progress {
        std::size_t consumed;         ///< octets of the input that are done with
        std::optional<line> command;  ///< a line, or nullopt: all input consumed, more is needed
    };

    /// `limit`: octets in a line, CRLF included.
    explicit line_reader(std::size_t limit = default_limit) : limit_(limit) {}

    /// RFC 4954 section 4: what a line of an AUTH exchange may have.
    static constexpr std::size_t auth_limit = 12'288;

    /// Holds from the next line on; call it between two lines.
    void set_limit(std::size_t limit) noexcept { limit_ = limit; }

    /// Takes octets up to the end of the next line or to the first fault of one. Call again with the rest.
    progress feed(std::string_view input);

    /// Octets of an unfinished line have been read: the client is in the middle of a command.
    [[nodiscard]] bool in_line() const noexcept { return skipping_ || after_cr_ || (!delivered_ && !held_.empty()); }

private:
    [[nodiscard]] std::size_t skip(std::string_view input) noexcept;
    [[nodiscard]] progress tell(fault f, std::size_t consumed);
    [[nodiscard]] progress deliver(std::string_view text, std::size_t consumed);

    std::size_t limit_;
    std::string held_;        // the start of a line whose end has not been seen, without a final CR
    bool delivered_ = false;  // held_ is the line that was returned last
    bool after_cr_ = false;   // the last octet was a CR
    bool skipping_ = false;   // a fault has been told, the line's end has not been seen
};

}  // namespace postern::smtp
