#include <algorithm>

#include "message/ascii.hpp"
#include "message/header_line.hpp"
#include "message/mime_tree.hpp"
#include "message/octet_window.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_selection = 256UL * 1024;

/// Names of fields, of which thousands may be asked for in a header of as many.
class name_set {
public:
    explicit name_set(std::span<const std::string> names) {
        for (const auto& name : names) names_.push_back(lowered(name));
        std::ranges::sort(names_);
    }

    [[nodiscard]] bool contains(std::string_view name) const { return std::ranges::binary_search(names_, lowered(name)); }

private:
    static std::string lowered(std::string_view name) {
        std::string text(name);
        std::ranges::transform(text, text.begin(), lower);
        return text;
    }

    std::vector<std::string> names_;
};

void append_octets(octet_window& window, octet_range range, std::string& out) {
    while (range.begin < range.end) {
        const auto piece = window.at(range.begin);
        if (piece.empty()) break;
        const auto length = std::min<std::uint64_t>(piece.size(), range.end - range.begin);
        out += piece.substr(0, static_cast<std::size_t>(length));
        range.begin += length;
    }
}

}  // namespace

std::string select_fields(const core::content& octets, octet_range header, std::span<const std::string> names, bool others) {
    const name_set chosen(names);
    octet_window window(octets);
    const auto header_end = std::min(header.end, window.size());
    std::string selected;
    bool wanted = false;
    for (auto at = header.begin; at < header_end;) {
        const auto length = std::min<std::uint64_t>(deciding_octets, header_end - at);
        const auto start = window.at(at, deciding_octets).substr(0, static_cast<std::size_t>(length));
        const auto kind = classify(start, at == header.begin);
        if (kind == line_kind::empty || kind == line_kind::other) break;
        // RFC 9051 6.4.5.1: names match whatever their case, "but is otherwise exact".
        if (kind != line_kind::continuation) wanted = kind == line_kind::field && chosen.contains(field_name(start)) != others;
        const auto end = std::min(line_end(window, at), header_end);
        if (wanted && end - at > max_selection - selected.size()) break;
        if (wanted) append_octets(window, {.begin = at, .end = end}, selected);
        at = end;
    }
    if (!selected.empty() && !selected.ends_with('\n')) selected += "\r\n";
    // RFC 9051 6.4.5.1: the empty line belongs to every selection.
    return selected + "\r\n";
}

}  // namespace postern::message
