#include "message/clean_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <unistr.h>

namespace postern::message {

namespace {

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }

/// What `text` begins with that is printable ASCII. Most text is nothing else, so it is looked at by the block, with no way out
/// within one, of which the compiler makes a handful of vector instructions.
std::string_view printable_prefix(std::string_view text) {
    constexpr std::size_t block = 32;
    std::size_t end = 0;
    for (bool plain = true; text.size() - end >= block; end += block) {
        for (std::size_t i = 0; i < block; ++i) plain = plain & is_printable_ascii(text[end + i]);
        if (!plain) break;
    }
    while (end < text.size() && is_printable_ascii(text[end])) ++end;
    return text.substr(0, end);
}

std::string_view without_spaces_around(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool is_break_or_tab(char32_t c) { return c >= '\t' && c <= '\r'; }

}  // namespace

void append_utf8(std::string& out, char32_t character) {
    std::array<std::uint8_t, 6> octets{};
    const int n = u8_uctomb(octets.data(), character, static_cast<std::ptrdiff_t>(octets.size()));
    if (n > 0) out.append(reinterpret_cast<const char*>(octets.data()), static_cast<std::size_t>(n));
}

char32_t take_character(std::string_view& rest) {
    ucs4_t character = 0;
    const int n = u8_mbtouc(&character, reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size());
    rest.remove_prefix(static_cast<std::size_t>(n));
    return character;
}

std::string_view cut_utf8(std::string_view utf8, std::size_t max) {
    if (utf8.size() <= max) return utf8;
    while (max > 0 && (static_cast<unsigned char>(utf8[max]) & 0xc0) == 0x80) --max;
    return utf8.substr(0, max);
}

std::string clean_line(std::string_view text, std::size_t max) {
    text = without_spaces_around(text);
    if (text.size() <= max && printable_prefix(text).size() == text.size()) return std::string(text);
    std::string line;
    line.reserve(std::min(text.size(), max));
    std::size_t spaces = 0;  // seen, not yet written: they may turn out to be the end
    bool folded = false;
    while (!text.empty()) {
        char32_t c = static_cast<unsigned char>(text.front());
        if (c < 0x80) {
            text.remove_prefix(1);
        } else {
            c = take_character(text);
        }
        if (c == ' ' || is_break_or_tab(c)) {
            folded = folded || c != ' ';
            ++spaces;
            continue;
        }
        if (is_control(c)) continue;
        if (spaces > 0 && !line.empty()) line.append(folded ? 1 : spaces, ' ');
        spaces = 0;
        folded = false;
        if (c < 0x80) {
            line += static_cast<char>(c);
        } else {
            append_utf8(line, c);
        }
        if (line.size() > max) break;
    }
    line.resize(cut_utf8(line, max).size());
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

std::string clean_lines(std::string_view text) {
    std::string lines;
    lines.reserve(text.size());
    while (!text.empty()) {
        const auto plain = printable_prefix(text);
        lines += plain;
        text.remove_prefix(plain.size());
        if (text.empty()) break;
        const char32_t c = take_character(text);
        if (c == '\r') {
            if (!text.starts_with('\n')) lines += '\n';
        } else if (c == '\n' || c == '\t') {
            lines += static_cast<char>(c);
        } else if (!is_control(c)) {
            append_utf8(lines, c);
        }
    }
    return lines;
}

}  // namespace postern::message
