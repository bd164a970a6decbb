#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/problem.hpp"
#include "http/query.hpp"

namespace postern::http {

/// What a request asks for, taken apart and percent-decoded exactly once.
struct target {
    std::vector<std::string> path;  ///< the segments after the leading "/"; "/" is one empty segment
    query_parameters query;
};

/// Reads a request-target in origin-form or absolute-form (RFC 9112 3.2.1, 3.2.2; RFC 3986 for the characters).
///
/// 400 for anything else, and for what no honest client sends but path and filter tricks are made of: "." and ".." segments,
/// encoded or not, NUL and other control characters, octets that are not UTF-8 once decoded.
[[nodiscard]] outcome<target> parse_target(std::string_view text);

}  // namespace postern::http
