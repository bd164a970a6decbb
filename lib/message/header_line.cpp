#include "message/header_line.hpp"
#include "message/ascii.hpp"

#include <algorithm>

namespace postern::message {

namespace {

/// RFC 5322 2.2: printable US-ASCII but the colon.
bool is_name_character(char c) { return c > ' ' && c < 0x7f && c != ':'; }

}  // namespace

line_kind classify(std::string_view line, bool first) {
    line = line.substr(0, deciding_octets);
    if (line.starts_with('\n') || line.starts_with("\r\n")) return line_kind::empty;
    if (is_blank(line.front())) return line_kind::continuation;
    if (!field_name(line).empty()) return line_kind::field;
    if (first && (line.starts_with("From ") || line.starts_with(">From "))) return line_kind::mbox_mark;
    return line_kind::other;
}

std::string_view field_name(std::string_view line) {
    const auto* end = std::ranges::find_if_not(line, is_name_character);
    const auto* colon = std::find_if_not(end, line.end(), is_blank);
    if (colon == line.end() || *colon != ':') return {};
    return {line.begin(), end};
}

}  // namespace postern::message
