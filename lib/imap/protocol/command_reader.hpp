#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "imap/protocol/literal_tail.hpp"

namespace postern::imap {

/// Cuts what a client sends into commands, literals and all (RFC 9051 4.3, RFC 7888), in pieces of any size.
///
/// A line ends with CRLF and with nothing else; a bare CR, a bare LF or a NUL outside a literal spoils its command, which is
/// told once, when it is complete, or when its client begins to wait for "+ ". A literal may hold anything but NUL.
///
/// Memory: at most `limit` octets. What is longer is told at once as too_long; a literal that is too large and has been
/// announced without waiting (LITERAL+) is then skipped, and so is the rest of the line. A line that never ends must be ended
/// by the caller's time limit.
///
/// The message of APPEND is not gathered: when all before it is there, message_literal is told, and the next octets are the
/// session's to take, `size` of them; then resume_after_message() and the reader goes on with what must be the CRLF. It is told
/// as `complete` without octets; what is there (it may hold literals) is no part of APPEND: BAD. That the octets before the
/// message are a command is for parse_command to say; the reader looks only for their shape. Where they end with "UTF8 ("
/// (RFC 6855 section 4) the ")" behind the message is taken.
///
/// An APPEND that comes as `complete` has no message: BAD, even if parse_command understands it.
class command_reader {
public:
    static constexpr std::size_t default_limit = 64UL * 1024;
    static constexpr std::size_t limit_before_login = 8UL * 1024;

    struct more_input {};  ///< all input consumed, more is needed
    /// The client waits for "+ " before it sends a literal.
    struct continuation {};
    /// A whole command; see parse_command. Valid until the next feed().
    struct complete {
        std::string_view octets;
    };
    /// A command that is no command: answered BAD. `octets` holds its beginning, for the tag.
    struct faulty {
        enum class fault { bare_cr, bare_lf, nul, too_long } why;
        std::string_view octets;
    };
    /// All of an APPEND but its message.
    struct message_literal {
        std::string_view octets;  ///< without "{...}"; valid until the next feed()
        std::uint64_t size = 0;   ///< up to 2^63 - 1
        bool waits = false;       ///< the client waits for "+ ", or a tagged NO, before it sends the message
    };
    using event = std::variant<more_input, continuation, complete, faulty, message_literal>;

    struct progress {
        std::size_t consumed;  ///< octets of the input that are done with
        event what;
    };

    explicit command_reader(std::size_t limit = limit_before_login) : limit_(limit) {}

    /// Holds from the next command on.
    void set_limit(std::size_t limit) noexcept { limit_ = limit; }

    /// Takes octets up to the next event. Call again with the rest.
    progress feed(std::string_view input);

    /// The message has been taken (or, where the client waited and was refused, will not come: then `sent` is false, and the
    /// next octet begins a command).
    void resume_after_message(bool sent) noexcept;

    /// Octets of an unfinished command have been read.
    [[nodiscard]] bool in_command() const noexcept;

private:
    [[nodiscard]] std::optional<event> take(char c);
    [[nodiscard]] std::size_t take_literal(std::string_view input);
    [[nodiscard]] std::optional<event> end_line();
    [[nodiscard]] std::optional<event> begin_literal(const literal_tail& announced);
    [[nodiscard]] std::optional<event> finish();
    [[nodiscard]] event tell(faulty::fault why);
    void spoil(faulty::fault why) noexcept;
    void begin_anew() noexcept;

    enum class reading { command, nothing, message, behind_message };

    std::size_t limit_;
    std::size_t limit_now_ = 0;  // of the command that is being read
    std::string held_;           // the command so far, or the one that was told last
    bool told_ = false;          // held_ has been told, and is in the way at the next feed()
    reading now_ = reading::nothing;
    literal_tail tail_;  // of the line that is being read
    std::uint64_t literal_left_ = 0;
    std::size_t literals_ = 0;  // taken in this command
    bool after_cr_ = false;     // the last octet was a CR
    bool skipping_ = false;     // the command is spoiled or too long: nothing more of it is held
    std::optional<faulty::fault> untold_;
    bool in_parenthesis_ = false;  // "UTF8 (" stood before the message
};

}  // namespace postern::imap
