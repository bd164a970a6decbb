#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/problem.hpp"

namespace postern::http {

/// A field or a file of a form.
struct form_part {
    std::string name;
    std::string filename;      ///< as the client calls it; empty: a field
    std::string content_type;  ///< as given; empty: not given
    std::string_view octets;   ///< of the request's body, which must outlive it
};

inline constexpr std::size_t most_form_parts = 200;

/// Reads multipart/form-data (RFC 7578, RFC 2046 5.1.1) whose boundary stands in `content_type`. 400 for what is none, has more
/// than most_form_parts, or ends before its last boundary: half a form is never taken for a whole one.
[[nodiscard]] outcome<std::vector<form_part>> parse_form(std::string_view content_type, std::string_view body);

}  // namespace postern::http
