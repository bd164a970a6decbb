#include "message/flowed_text.hpp"

#include <algorithm>
#include <cstddef>

namespace postern::message {

namespace {

constexpr std::string_view signature_separator = "-- ";

/// One line as RFC 3676 4 reads it.
struct flowed_line {
    std::size_t depth;         ///< of the quotation
    std::string_view content;  ///< without quote marks and stuffing
    bool soft;                 ///< the paragraph goes on
};

flowed_line read_line(std::string_view line) {
    const auto depth = std::min(line.find_first_not_of('>'), line.size());
    line.remove_prefix(depth);
    // RFC 3676 4.4: one space at the start was put there to protect the line.
    if (line.starts_with(' ')) line.remove_prefix(1);
    // RFC 3676 4.3: "-- " is fixed though it ends in a space.
    return {.depth = depth, .content = line, .soft = line.ends_with(' ') && line != signature_separator};
}

}  // namespace

std::string unwrap_flowed(std::string_view text, bool delete_space) {
    std::string unwrapped;
    unwrapped.reserve(text.size());
    bool open = false;  // the last line written was soft
    std::size_t open_depth = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = read_line(text.substr(0, end));
        // RFC 3676 4.5: a paragraph ends where the quote depth changes, and before the signature.
        const bool joins = open && line.depth == open_depth && line.content != signature_separator;
        if (open && !joins) unwrapped += '\n';
        if (!joins && line.depth > 0) unwrapped.append(line.depth, '>') += ' ';
        if (line.soft && delete_space) line.content.remove_suffix(1);
        unwrapped += line.content;
        open = line.soft;
        open_depth = line.depth;
        if (!open && end != std::string_view::npos) unwrapped += '\n';
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return unwrapped;
}

}  // namespace postern::message
