#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "smtp/enhanced_status.hpp"

namespace postern::smtp {

/// One reply of a server: what a command handler returns and what the one place that writes replies serialises.
///
/// A refusal is typed by its code: 4yz may be tried again, 5yz may not (RFC 5321 4.2.1). Fixed replies are in replies.hpp.
struct reply {
    std::uint16_t code = 250;
    std::optional<enhanced_status> status;  ///< none in the greeting, to HELO and EHLO, and in 3yz (RFC 2034 section 3)
    std::string text;                       ///< lines separated by LF; for people, and for EHLO's keywords

    reply() = default;
    reply(std::uint16_t c, std::string t) : code(c), text(std::move(t)) {}
    reply(std::uint16_t c, enhanced_status s, std::string t) : code(c), status(s), text(std::move(t)) {}

    [[nodiscard]] bool is_positive() const noexcept { return code < 400; }
    [[nodiscard]] bool is_temporary() const noexcept { return code >= 400 && code < 500; }
    [[nodiscard]] bool is_permanent() const noexcept { return code >= 500; }
    /// 421: the server closes the connection after it (RFC 5321 3.8).
    [[nodiscard]] bool closes() const noexcept { return code == 421; }

    friend bool operator==(const reply&, const reply&) = default;
};

/// Longest reply line, CRLF included (RFC 5321 4.5.3.1.5).
inline constexpr std::size_t max_reply_line = 512;

/// Appends the reply as it goes over the wire: "250-2.1.0 first\r\n250 2.1.0 last\r\n".
///
/// Whatever the text holds, the octets are a well-formed reply: every line has the code, a longer line is broken into several,
/// and an octet that is not printable ASCII becomes "?" (RFC 5321 4.2; RFC 6531 3.7.4.2 keeps UTF-8 out of our replies).
void append_to(std::string& out, const reply& r);

[[nodiscard]] std::string to_string(const reply& r);

}  // namespace postern::smtp
