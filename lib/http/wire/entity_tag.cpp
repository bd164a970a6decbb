#include "http/wire/entity_tag.hpp"

#include <algorithm>

namespace postern::http {

namespace {

constexpr std::string_view white = " \t";

/// RFC 9110 8.8.3: etagc.
bool is_tag_character(char c) { return c == '!' || (c >= '#' && c != '\x7F') || static_cast<unsigned char>(c) >= 0x80U; }

std::string_view without_coding(std::string_view tag) {
    for (const std::string_view coding : {"-gzip", "-br"}) {
        if (tag.ends_with(coding)) return tag.substr(0, tag.size() - coding.size());
    }
    return tag;
}

}  // namespace

std::optional<std::string> find_tag(std::string_view field, std::string_view tag, tag_comparison how) {
    if (field == "*") return std::string(tag);
    while (!field.empty()) {
        // RFC 9110 5.6.1.2: a list may have empty elements.
        field.remove_prefix(std::min(field.find_first_not_of(", \t"), field.size()));
        if (field.empty()) return std::nullopt;
        const bool weak = field.starts_with("W/");
        if (weak) field.remove_prefix(2);
        if (!field.starts_with('"')) return std::nullopt;
        const auto end = field.find('"', 1);
        if (end == std::string_view::npos) return std::nullopt;
        const auto found = field.substr(1, end - 1);
        if (!std::ranges::all_of(found, is_tag_character)) return std::nullopt;
        if (without_coding(found) == without_coding(tag) && !(weak && how == tag_comparison::strong)) return std::string(found);
        field.remove_prefix(end + 1);
        field.remove_prefix(std::min(field.find_first_not_of(white), field.size()));
        if (!field.empty() && field.front() != ',') return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace postern::http
