#pragma once

#include <cstddef>
#include <string>

namespace postern::storage {

/// Calls `each(list)` with "(...),(...)", what `text(row)` gave, for VALUES: some hundred rows at a time. Both databases call
/// the columns column1, column2, ...
template <class Rows, class Text, class F>
void in_values(const Rows& rows, Text text, F each) {
    constexpr std::size_t at_once = 500;
    std::string list;
    std::size_t count = 0;
    for (const auto& row : rows) {
        if (!list.empty()) list += ',';
        list += text(row);
        if (++count % at_once != 0) continue;
        each(list);
        list.clear();
    }
    if (!list.empty()) each(list);
}

}  // namespace postern::storage
