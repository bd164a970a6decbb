#pragma once

#include <optional>
#include <string>

#include "storage/queue_records.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {

/// Queue items with what they need of their messages; `rest` is the statement's end, on q (queue_item), o (outbound) and m
/// (message).
class queue_item_query {
public:
    queue_item_query(connection& on, const std::string& rest);

    query& parameters() { return rows_; }
    std::optional<queue_item> next();

private:
    queue_item row_;
    std::optional<std::int64_t> submitted_by_;
    std::string body_, ret_, envid_, notify_, orcpt_, state_;
    bool has_envid_ = false, has_orcpt_ = false;
    query rows_;
};

}  // namespace postern::storage
