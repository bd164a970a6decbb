#include "message/delimiter_search.hpp"

#include <algorithm>

namespace postern::message {

namespace {

constexpr std::size_t break_length = 2;  // a delimiter owns the CRLF before it (RFC 2046 5.1.1)

std::optional<std::uint64_t> find_dashes(octet_window& window, std::uint64_t from, std::uint64_t limit) {
    // Looking for dashes and not for lines passes base64, which has none, at the speed of memory; looking for a line's end once
    // a dash stands within it does the same for lines full of them.
    char wanted = '-';
    for (auto at = from; at < limit;) {
        const auto piece = window.at(at);
        const auto found = piece.find(wanted);
        at += std::min(found, piece.size());
        if (found == std::string_view::npos || at >= limit) continue;
        if (wanted == '\n') {
            wanted = '-';
            continue;
        }
        const auto before = at == 0 ? 0U : 1U;
        const auto around = window.at(at - before, before + 2);
        const bool starts_line = before == 0 || around.front() == '\n';
        if (starts_line && around.substr(before).starts_with("--")) return at;
        wanted = '\n';
    }
    return std::nullopt;
}

}  // namespace

std::optional<found_delimiter> find_delimiter(octet_window& window, const boundary_stack& open, std::uint64_t from,
                                              std::uint64_t limit) {
    while (const auto begin = find_dashes(window, from, limit)) {
        const auto line = window.at(*begin, boundary_stack::max_line).substr(0, boundary_stack::max_line);
        const auto meant = open.match(line);
        from = *begin + std::min(line.find('\n'), line.size() - 1) + 1;
        if (meant) return found_delimiter{.begin = *begin, .behind = from, .meant = *meant};
    }
    return std::nullopt;
}

std::uint64_t body_end_before(octet_window& window, std::uint64_t begin, std::uint64_t delimiter) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(break_length, delimiter - begin));
    const auto before = window.at(delimiter - length, length).substr(0, length);
    if (before == "\r\n") return delimiter - break_length;
    return before.ends_with('\n') ? delimiter - 1 : delimiter;
}

}  // namespace postern::message
