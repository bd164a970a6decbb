#include "message/header_block.hpp"

#include <algorithm>

#include "message/ascii.hpp"
#include "message/header_line.hpp"

namespace postern::message {

namespace {

std::string_view without_break(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

header_block::header_block(std::vector<char> octets) : octets_(std::move(octets)) {
    std::string_view rest(octets_.data(), octets_.size());
    while (!rest.empty() && fields_.size() < max_fields) {
        auto end = rest.find('\n');
        while (end != std::string_view::npos && end + 1 < rest.size() && is_blank(rest[end + 1]))
            end = rest.find('\n', end + 1);
        const auto field = rest.substr(0, end == std::string_view::npos ? end : end + 1);
        rest.remove_prefix(field.size());
        const auto name = field_name(field);
        if (name.empty()) continue;
        const auto colon = field.find(':', name.size());
        fields_.push_back({.name = name, .value = without_break(field.substr(colon + 1))});
    }
}

std::string_view header_block::find(std::string_view name) const {
    const auto found = std::ranges::find_if(fields_, [name](const raw_field& f) { return same_name(f.name, name); });
    return found == fields_.end() ? std::string_view{} : found->value;
}

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

read_header_result read_header(octet_window& window, std::uint64_t begin, std::size_t keep, const boundary_stack& open) {
    std::vector<char> kept;
    kept.reserve(std::min<std::size_t>(keep, 1024));
    auto at = begin;
    bool room = true;
    while (at < window.size()) {
        const auto start = window.at(at, deciding_octets).substr(0, deciding_octets);
        const auto kind = open.match(start) ? line_kind::other : classify(start, at == begin);
        if (kind == line_kind::other) break;
        const auto end = line_end(window, at);
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, octet_window::capacity));
        room = room && kept.size() + length <= keep;
        if (room && (kind == line_kind::field || kind == line_kind::continuation)) {
            const auto line = window.at(at, length).substr(0, length);
            kept.insert(kept.end(), line.begin(), line.end());
            if (!line.ends_with('\n')) kept.push_back('\n');
        }
        at = end;
        if (kind == line_kind::empty) break;
    }
    return {.header = header_block(std::move(kept)), .body_begin = at};
}

}  // namespace postern::message
