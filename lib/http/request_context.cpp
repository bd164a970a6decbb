#include "http/request_context.hpp"

#include "http/wire/entity_tag.hpp"

namespace postern::http {

std::string_view request_context::parameter(std::string_view name) const {
    for (const auto& [known, value] : match.parameters) {
        if (known == name) return value;
    }
    return {};
}

outcome<void> request_context::check_match(std::string_view tag) const {
    const auto condition = request.field(boost::beast::http::field::if_match);
    if (condition.empty() || find_tag(condition, tag, tag_comparison::strong)) return {};
    return http::refuse(status::precondition_failed, "It has changed since: fetch it anew and decide again.");
}

std::unexpected<problem> request_context::refuse(const core::error& e) const {
    auto p = from_storage(e);
    if (p.code == status::internal_server_error)
        log.error("request failed", {{"target", request.target}, {"reason", e.message()}});
    return std::unexpected(std::move(p));
}

}  // namespace postern::http
