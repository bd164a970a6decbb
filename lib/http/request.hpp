#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/fields.hpp>

#include "http/status.hpp"

namespace postern::http {

/// A request whose head has been read and found well-formed; the body follows later, if at all.
struct request {
    verb method = verb::unknown;
    std::string target;                 ///< as sent, encoded
    boost::beast::http::fields fields;  ///< without trailers, which must not change what was decided (RFC 9110 6.5.1)
    bool keep_alive = false;            ///< what the client wishes
    bool http_11 = false;               ///< else 1.0, which knows no chunks
    bool has_body = false;
    std::optional<std::uint64_t> body_size{};  ///< nullopt with has_body: chunked
    bool expects_continue = false;             ///< waits for 100 before it sends the body (RFC 9110 10.1.1)
    std::string body;

    /// The field's value, empty when absent.
    [[nodiscard]] std::string_view field(boost::beast::http::field name) const {
        const auto value = fields[name];
        return {value.data(), value.size()};
    }
};

}  // namespace postern::http
