#include "message/boundary_stack.hpp"

namespace postern::message {

namespace {

/// The line without its break and without the white space gateways add (RFC 2046 5.1.1: "transport padding").
std::string_view without_padding(std::string_view line) {
    line = line.substr(0, line.find('\n'));
    const auto last = line.find_last_not_of(" \t\r");
    return last == std::string_view::npos ? std::string_view{} : line.substr(0, last + 1);
}

}  // namespace

std::optional<boundary_stack::delimiter> boundary_stack::match(std::string_view line) const {
    constexpr std::string_view dashes = "--";
    if (boundaries_.empty() || !line.starts_with(dashes)) return std::nullopt;
    line = without_padding(line.substr(0, max_line));
    line.remove_prefix(std::min(line.size(), dashes.size()));
    for (auto level = boundaries_.size(); level-- > 0;) {
        const std::string_view boundary = boundaries_[level];
        if (!line.starts_with(boundary)) continue;
        const auto rest = line.substr(boundary.size());
        if (rest.empty() || rest == dashes) return delimiter{.level = level, .closes = !rest.empty()};
    }
    return std::nullopt;
}

}  // namespace postern::message
