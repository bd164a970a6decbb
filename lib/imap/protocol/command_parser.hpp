#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "imap/protocol/command.hpp"

namespace postern::imap {

struct tagged_command {
    std::string tag;
    command what;
};

/// Why a command was not understood.
struct parse_failure {
    std::string tag;       ///< "*" where there is none to be read: the answer is then untagged
    std::string text;      ///< for a person: what was expected, or that the command is not known; ASCII, at most 200 octets
    bool charset = false;  ///< SEARCH with a CHARSET that is not known: NO [BADCHARSET (US-ASCII UTF-8)]
};

/// Parses a whole command (RFC 9051 section 9, and what RFC 3501 had besides).
///
/// `octets`: as command_reader gathers it: what the client sent without the CRLF at the end, literals in place as
/// "{5}\r\nhello" ({5+} and ~{5} likewise). Of APPEND it is what stands before the message's own literal, "{...}" left out.
/// `utf8`: the client has enabled UTF8=ACCEPT or IMAP4rev2, so that names of mailboxes are UTF-8 as they are; else they are
/// modified UTF-7 (RFC 3501 5.1.3), or UTF-8 where that is what a client sends. Does not throw; what it makes is bounded by
/// `octets`.
[[nodiscard]] std::expected<tagged_command, parse_failure> parse_command(std::string_view octets, bool utf8);

/// The tag of what may be no command or only its beginning; "*" where there is none.
[[nodiscard]] std::string_view read_tag(std::string_view octets);

}  // namespace postern::imap
