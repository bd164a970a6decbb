#include "http/query.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace postern::http {

namespace {

/// A name as the client sent it, short enough to be read back to it.
std::string in_quotes(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.size() <= longest) return fmt::format("\"{}\"", name);
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // not within a UTF-8 sequence
    return fmt::format("\"{}...\"", name.substr(0, end));
}

std::optional<std::size_t> to_number(std::string_view text) {
    std::size_t value = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace

void query_parameters::add(std::string name, std::string value) { parameters_.push_back({std::move(name), std::move(value)}); }

outcome<void> query_parameters::check(std::span<const std::string_view> accepted) const {
    for (auto p = parameters_.begin(); p != parameters_.end(); ++p) {
        if (std::ranges::find(accepted, p->name) == accepted.end()) {
            return refuse_parameter(p->name, fmt::format("Unknown query parameter {}.", in_quotes(p->name)));
        }
        if (std::any_of(parameters_.begin(), p, [&](const parameter& earlier) { return earlier.name == p->name; })) {
            return refuse_parameter(p->name,
                                    fmt::format("The query parameter {} is given more than once.", in_quotes(p->name)));
        }
    }
    return {};
}

std::optional<std::string_view> query_parameters::find(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &parameter::name);
    if (found == parameters_.end()) return std::nullopt;
    return found->value;
}

outcome<page_request> read_page(const query_parameters& query) {
    page_request page;
    if (const auto limit = query.find("limit")) {
        const auto number = to_number(*limit);
        if (!number || *number < 1 || *number > max_page) {
            return refuse_parameter("limit", fmt::format("The query parameter \"limit\" is a number from 1 to {}.", max_page));
        }
        page.limit = *number;
    }
    if (const auto cursor = query.find("cursor")) {
        if (cursor->empty()) return refuse_parameter("cursor", "The query parameter \"cursor\" is the next_cursor of a list.");
        page.cursor.emplace(*cursor);
    }
    return page;
}

}  // namespace postern::http
