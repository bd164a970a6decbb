#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What stands between a stranger's octets and a database or a JSON document: everything that leaves this folder as a string
/// has passed through here. The results are valid UTF-8 without NUL or control characters; octets that are not UTF-8 become
/// U+FFFD.
namespace postern::message {

/// One line: breaks and tabs become one space, other control characters vanish, both ends are trimmed; at most `max` octets,
/// cut between characters.
[[nodiscard]] std::string clean_line(std::string_view text, std::size_t max);

/// Many lines: CRLF, CR and LF become LF, tabs stay, other control characters vanish.
[[nodiscard]] std::string clean_lines(std::string_view text);

/// `utf8` cut to at most `max` octets, between characters.
[[nodiscard]] std::string_view cut_utf8(std::string_view utf8, std::size_t max);

/// Appends `character` as UTF-8.
void append_utf8(std::string& out, char32_t character);

/// Takes the first character off `rest`, which must not be empty; U+FFFD for what is not UTF-8.
[[nodiscard]] char32_t take_character(std::string_view& rest);

}  // namespace postern::message
