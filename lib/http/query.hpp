#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/problem.hpp"

namespace postern::http {

/// The query of a request: names and values, decoded.
class query_parameters {
public:
    void add(std::string name, std::string value);

    /// 400 for a name that is not in `accepted`, and for a name that is there twice: what is not understood is not ignored,
    /// so that a misspelt filter never looks like an empty one.
    [[nodiscard]] outcome<void> check(std::span<const std::string_view> accepted) const;

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

    [[nodiscard]] std::size_t size() const noexcept { return parameters_.size(); }

private:
    struct parameter {
        std::string name;
        std::string value;
    };
    std::vector<parameter> parameters_;
};

/// The part of a list that was asked for: `limit` (1 to 500, 50 when absent) and `cursor`.
struct page_request {
    std::size_t limit = 50;
    std::optional<std::string> cursor;
};

inline constexpr std::size_t max_page = 500;

/// 400 naming the parameter when `limit` is not a number from 1 to max_page, or `cursor` is empty.
[[nodiscard]] outcome<page_request> read_page(const query_parameters& query);

}  // namespace postern::http
