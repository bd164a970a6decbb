#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "http/body_source.hpp"
#include "http/problem.hpp"
#include "http/status.hpp"

namespace postern::http {

/// What a handler answers. Date, Server, Content-Length, Connection and the fields every answer has are added on sending.
struct response {
    status code = status::ok;
    std::string content_type;
    std::vector<header_field> fields{};
    std::variant<std::string, std::shared_ptr<body_source>> body{};

    /// Octets of the body.
    [[nodiscard]] std::uint64_t body_size() const;
};

[[nodiscard]] response json_response(std::string text);

/// application/problem+json (RFC 7807 6.1).
[[nodiscard]] response to_response(problem p);

/// The status line and the header section with its empty line, as HTTP/1.1 (RFC 9112 2.3: also to a 1.0 client).
///
/// Every answer carries nosniff and no-store: mail is private, and a stranger's octets are never taken for a page.
[[nodiscard]] std::string head_of(const response& r, bool keep_alive, core::timestamp now);

}  // namespace postern::http
