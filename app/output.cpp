#include "app/output.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

namespace postern::app {

namespace {

/// Columns on a terminal, taking every character for one wide.
std::size_t width(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void print_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
}

}  // namespace

void table::print(std::string_view nothing) const {
    if (rows_.size() == 1) return fmt::print("{}\n", nothing);
    auto rows = rows_;
    std::vector<std::size_t> widths(rows_.front().size());
    for (auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i] = printable(row[i]);
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    for (const auto& row : rows) print_row(row, widths);
}

void print_facts(const std::vector<std::pair<std::string, std::string>>& facts) {
    std::size_t widest = 0;
    for (const auto& [name, value] : facts) widest = std::max(widest, width(name));
    for (const auto& [name, value] : facts) print_row({name, printable(value)}, {widest});
}

void print_json(const boost::json::value& value) { fmt::print("{}\n", boost::json::serialize(value)); }

std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        // U+0080 to U+009F are C2 80 to C2 9F: some terminals take them for commands too.
        const bool c1 = octet == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c1) ++i;
        result.push_back(octet < 0x20 || octet == 0x7f || c1 ? '?' : text[i]);
    }
    return result;
}

}  // namespace postern::app
