#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "http/body_source.hpp"
#include "http/live_source.hpp"
#include "http/problem.hpp"
#include "http/status.hpp"

namespace postern::http {

/// What a handler answers. Date, Server, Content-Length, Connection and the fields every answer has are added on sending.
struct response {
    status code = status::ok;
    std::string content_type;
    std::vector<header_field> fields{};
    std::variant<std::string, std::shared_ptr<body_source>, std::shared_ptr<live_source>> body{};
    std::string etag{};                         ///< letters and digits that change with what is shown; empty: no validator
    std::string_view cache_control = no_store;  ///< a literal

    static constexpr std::string_view no_store = "no-store";  ///< mail is private

    /// Octets of the body; 0 for one that has no end yet.
    [[nodiscard]] std::uint64_t body_size() const;
};

[[nodiscard]] response json_response(std::string text);
/// 201, with what was made.
[[nodiscard]] response created(std::string text);
[[nodiscard]] response no_content();

/// application/problem+json (RFC 7807 6.1).
[[nodiscard]] response to_response(problem p);

/// The status line and the header section with its empty line, as HTTP/1.1 (RFC 9112 2.3: also to a 1.0 client).
///
/// Every answer carries nosniff: a stranger's octets are never taken for a page.
struct head_options {
    bool keep_alive = true;
    bool secure = false;   ///< it goes through TLS: browsers are told to come that way only (RFC 6797)
    bool chunked = false;  ///< for a live body: in chunks (RFC 9112 7.1), else up to the connection's end
};
[[nodiscard]] std::string head_of(const response& r, const head_options& how, core::timestamp now);

}  // namespace postern::http
