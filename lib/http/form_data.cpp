#include "http/form_data.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/unicode.hpp"
#include "http/wire/white_space.hpp"

namespace postern::http {

namespace {

constexpr std::size_t longest_boundary = 70;        // RFC 2046 5.1.1
constexpr std::size_t largest_header = 8UL * 1024;  // octets of a part's fields
constexpr std::string_view line_end = "\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::unexpected<problem> malformed(std::string_view what) {
    return refuse(status::bad_request, fmt::format("The form is not well-formed multipart/form-data: {}.", what));
}

/// Takes a parameter's value off `rest`: a token, or a quoted string. nullopt when the quotes do not end.
std::optional<std::string> take_value(std::string_view& rest) {
    std::string value;
    if (!rest.starts_with('"')) {
        const auto end = std::min(rest.find(';'), rest.size());
        value = trimmed(rest.substr(0, end));
        rest.remove_prefix(end);
        return value;
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return value;
        }
        // Some clients escape a quote with a backslash; a path of Windows has backslashes that escape nothing.
        if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"') ++i;
        value += rest[i];
    }
    return std::nullopt;
}

/// The value of parameter `name` in a field like `form-data; name="a"; filename="b"`; nullopt when it has none.
std::optional<std::string> parameter(std::string_view field, std::string_view name) {
    auto rest = field.substr(std::min(field.find(';'), field.size()));
    while (rest.starts_with(';')) {
        rest.remove_prefix(1);
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto found = trimmed(rest.substr(0, equals));
        rest.remove_prefix(equals + 1);
        auto value = take_value(rest);
        if (!value) return std::nullopt;
        if (is_same(found, name)) return value;
        rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    }
    return std::nullopt;
}

/// HTML Living Standard, multipart/form-data encoding algorithm: browsers write these three, and only these, in hexadecimal.
std::string unescaped(std::string text) {
    for (const auto& [written, meant] : {std::pair{"%22", "\""}, {"%0D", "\r"}, {"%0A", "\n"}}) {
        for (auto at = text.find(written); at != std::string::npos; at = text.find(written, at + 1)) text.replace(at, 3, meant);
    }
    return core::to_valid_utf8(text);
}

outcome<form_part> read_part(std::string_view fields, std::string_view octets) {
    form_part part{.name = {}, .filename = {}, .content_type = {}, .octets = octets};
    bool described = false;
    while (!fields.empty()) {
        const auto end = std::min(fields.find(line_end), fields.size());
        const auto line = fields.substr(0, end);
        fields.remove_prefix(std::min(end + line_end.size(), fields.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return malformed("a part has a line that is no field");
        const auto name = trimmed(line.substr(0, colon));
        const auto value = trimmed(line.substr(colon + 1));
        if (is_same(name, "Content-Type")) part.content_type = value;
        if (!is_same(name, "Content-Disposition")) continue;
        auto given = parameter(value, "name");
        if (!is_same(value.substr(0, value.find(';')), "form-data") || !given || described)
            return malformed("a part does not say once what field it is");
        described = true;
        part.name = unescaped(std::move(*given));
        part.filename = unescaped(parameter(value, "filename").value_or(""));
    }
    if (!described) return malformed("a part does not say once what field it is");
    return part;
}

}  // namespace

outcome<std::vector<form_part>> parse_form(std::string_view content_type, std::string_view body) {
    const auto boundary = parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > longest_boundary) return malformed("it has no boundary");
    const auto delimiter = "\r\n--" + *boundary;
    if (!body.starts_with(std::string_view(delimiter).substr(2))) return malformed("it does not begin with its boundary");
    body.remove_prefix(delimiter.size() - 2);
    std::vector<form_part> parts;
    while (!body.starts_with("--")) {
        if (!body.starts_with(line_end)) return malformed("a boundary is followed by something else than a line's end");
        body.remove_prefix(line_end.size());
        if (parts.size() == most_form_parts) return refuse(status::bad_request, "The form has too many parts.");
        const auto end = body.find(delimiter);
        if (end == std::string_view::npos) return malformed("it ends before its last boundary");
        const auto part = body.substr(0, end);
        body.remove_prefix(end + delimiter.size());
        const auto head = part.substr(0, largest_header).find("\r\n\r\n");
        if (head == std::string_view::npos) return malformed("a part's fields have no end");
        auto read = read_part(part.substr(0, head), part.substr(head + 4));
        if (!read) return std::unexpected(std::move(read.error()));
        parts.push_back(std::move(*read));
    }
    return parts;
}

}  // namespace postern::http
