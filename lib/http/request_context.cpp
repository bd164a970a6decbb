#include "http/request_context.hpp"

namespace postern::http {

std::string_view request_context::parameter(std::string_view name) const {
    for (const auto& [known, value] : match.parameters) {
        if (known == name) return value;
    }
    return {};
}

std::unexpected<problem> request_context::refuse(const core::error& e) const {
    auto p = from_storage(e);
    if (p.code == status::internal_server_error)
        log.error("request failed", {{"target", request.target}, {"reason", e.message()}});
    return std::unexpected(std::move(p));
}

}  // namespace postern::http
