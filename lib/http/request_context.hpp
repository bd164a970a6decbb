#pragma once

#include <optional>
#include <string_view>

#include <boost/json/value.hpp>

#include "core/id.hpp"
#include "core/log.hpp"
#include "http/caller.hpp"
#include "http/json_body.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/request.hpp"
#include "http/router.hpp"
#include "http/services.hpp"
#include "http/wire/origin.hpp"

namespace postern::http {

/// A request on its way to its handler: found, allowed, its parameters known. Lives until the handler has answered.
struct request_context {
    const services& server;
    const core::logger& log;
    const http::request& request;
    origin from;
    route_match match;
    query_parameters query;
    std::optional<caller> who{};                   ///< set when the route needs one
    std::optional<boost::json::value> document{};  ///< the body, when the route takes JSON and it is JSON

    /// The account that asks. Only for routes that need one.
    [[nodiscard]] const storage::account& account() const { return who.value().account; }

    /// The body's JSON object. Only for routes that take JSON, and not when it came as a form (document is nullopt then).
    [[nodiscard]] json_object json() const { return json_object(document.value().as_object()); }

    /// A parameter of the path, decoded.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;

    /// A parameter of the path that is an id. What cannot be one names nothing: 404.
    template <class Id>
    [[nodiscard]] outcome<Id> id(std::string_view parameter) const {
        for (const auto& [name, value] : match.parameters) {
            if (name != parameter) continue;
            if (const auto parsed = core::parse_id<Id>(value)) return *parsed;
        }
        return std::unexpected(from_storage({make_error_code(storage::errc::not_found), {}}));
    }

    /// 412 when the request is for another state than the one `tag` names (If-Match: RFC 9110 13.1.1). For changes.
    [[nodiscard]] outcome<void> check_match(std::string_view tag) const;

    /// What the client is told of storage's failure; one that is not the client's goes to the log.
    [[nodiscard]] std::unexpected<problem> refuse(const core::error& e) const;
};

}  // namespace postern::http
