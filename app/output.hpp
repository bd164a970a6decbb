#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace postern::app {

/// Rows under headings, aligned for a terminal.
class table {
public:
    explicit table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

    /// As many cells as there are headings.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

    /// Writes it to standard output; `nothing` instead when there is no row.
    void print(std::string_view nothing) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// Names and values below each other, aligned, to standard output.
void print_facts(const std::vector<std::pair<std::string, std::string>>& facts);

/// One JSON value and a line end to standard output.
void print_json(const boost::json::value& value);

/// `text` for a terminal: control characters, which may be a stranger's commands to it, become "?".
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace postern::app
