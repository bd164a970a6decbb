#include "http/refusal.hpp"

#include "account/errc.hpp"

namespace postern::http {

std::unexpected<problem> refuse_account(const request_context& c, const core::error& e) {
    using account::errc;
    const auto says = [&e](status code) { return http::refuse(code, e.message() + '.'); };
    if (e.code == errc::not_found) return says(status::not_found);
    if (e.code == errc::already_exists || e.code == errc::refused) return says(status::conflict);
    if (e.code == errc::invalid_address || e.code == errc::invalid_domain || e.code == errc::invalid_password ||
        e.code == errc::invalid_value)
        return says(status::unprocessable_entity);
    if (e.code == errc::busy || e.code == errc::unavailable)
        return std::unexpected(try_later("This is not possible at the moment. Please try again soon."));
    return c.refuse(e);
}

}  // namespace postern::http
