#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// "1,2,3" for IN (...); "NULL", which nothing is in, for no ids.
template <class Tag>
[[nodiscard]] std::string id_list(std::span<const core::id<Tag>> ids) {
    std::string list;
    for (const auto id : ids) {
        if (!list.empty()) list += ',';
        list += core::to_string(id);
    }
    return list.empty() ? "NULL" : list;
}

/// Calls `each(list)` for the ids, some hundreds at a time: one statement stays well below the statement timeout.
template <class Tag, class F>
void in_lists(connection& on, const std::vector<core::id<Tag>>& ids, F each) {
    constexpr std::size_t at_once = 500;
    const std::span all(ids);
    for (std::size_t at = 0; at < all.size(); at += at_once) {
        on.restart_deadline();  // on SQLite, where one counts for the whole job
        each(id_list(all.subspan(at, std::min(at_once, all.size() - at))));
    }
}

}  // namespace postern::storage
