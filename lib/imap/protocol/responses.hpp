#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "imap/protocol/flags.hpp"
#include "imap/protocol/section.hpp"
#include "message/envelope.hpp"
#include "message/mime_tree.hpp"

/// The data of responses as they are written (RFC 9051 section 7). Each function appends to `out`.
namespace postern::imap {

/// A quoted string where that can hold it (RFC 9051 4.3: no CR, LF, NUL or, unless `utf8`, octets beyond ASCII; up to 1,000 of
/// them), else a literal. NUL, which nothing can hold, is written as a blank.
void write_string(std::string& out, std::string_view text, bool utf8 = false);

/// NIL for nullopt.
void write_nstring(std::string& out, const std::optional<std::string>& text, bool utf8 = false);

/// A mailbox's name as an astring, or a quoted string: modified UTF-7 unless `utf8`.
void write_mailbox(std::string& out, std::string_view name, bool utf8);

/// "(\Seen $Forwarded)"; the system flags first.
void write_flags(std::string& out, const flag_list& flags);

/// "17-Jul-1996 02:44:25 +0000", in quotes.
void write_internal_date(std::string& out, core::timestamp at);

/// Ascending numbers as a sequence-set: "1:3,5". Nothing for none.
void write_set(std::string& out, std::span<const std::uint32_t> ascending);

/// RFC 9051 7.5.2.
void write_envelope(std::string& out, const message::envelope& e, bool utf8 = false);

/// `extensible`: BODYSTRUCTURE; else BODY.
void write_body_structure(std::string& out, const message::mime_node& root, bool extensible, bool utf8 = false);

/// "BODY[1.MIME]<0>", "RFC822.TEXT": the item's name in the response.
void write_section_name(std::string& out, const section_request& request);

/// Modified UTF-7 (RFC 3501 5.1.3). Decoding: nullopt for what is none.
[[nodiscard]] std::string to_modified_utf7(std::string_view utf8);
[[nodiscard]] std::optional<std::string> from_modified_utf7(std::string_view text);

}  // namespace postern::imap
