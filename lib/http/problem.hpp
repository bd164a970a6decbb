#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "http/status.hpp"

namespace postern::http {

/// A header field of a response. The name is a literal; the value never holds CR or LF.
using header_field = std::pair<std::string_view, std::string>;

/// Why a request gets no answer but an error, as its sender is told: RFC 7807.
struct problem {
    status code = status::bad_request;
    std::string detail;                  ///< for a person; says what to change. Never holds private data
    std::string parameter;               ///< the query parameter at fault; empty: none
    std::vector<header_field> fields{};  ///< that belong to the status: Allow, Retry-After, WWW-Authenticate
    std::string member{};                ///< the member of a JSON body at fault, as "to[2].address"; empty: none
};

/// A value, or what to tell the client instead.
template <class T>
using outcome = std::expected<T, problem>;

[[nodiscard]] inline std::unexpected<problem> refuse(status code, std::string detail) {
    return std::unexpected(problem{code, std::move(detail), {}, {}});
}

/// 400 that names the query parameter at fault.
[[nodiscard]] inline std::unexpected<problem> refuse_parameter(std::string_view name, std::string detail) {
    return std::unexpected(problem{status::bad_request, std::move(detail), std::string(name), {}});
}

/// 503 with Retry-After (RFC 9110 15.6.4, 10.2.3).
[[nodiscard]] problem try_later(std::string detail);

/// What storage's failure means to a client: 404, 503 with Retry-After, or 500 (for which the caller logs the cause).
[[nodiscard]] problem from_storage(const core::error& e);

/// {"type","title","status","detail"} and "parameter" or "member" where there is one (RFC 7807 3.1, 3.2).
[[nodiscard]] std::string to_json(const problem& p);

}  // namespace postern::http
