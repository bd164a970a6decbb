#include "http/problem.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "storage/errc.hpp"

namespace postern::http {

problem try_later(std::string detail) { return {status::service_unavailable, std::move(detail), {}, {{"Retry-After", "5"}}}; }

problem from_storage(const core::error& e) {
    if (e.code == storage::errc::not_found) return {status::not_found, "There is no such thing here, or it is not yours.", {}};
    if (e.code == storage::errc::unavailable) return try_later("The database cannot be reached. Please try again soon.");
    return {status::internal_server_error, "The server could not do this. Its log says why.", {}};
}

std::string to_json(const problem& p) {
    // RFC 7807 4.2: about:blank says no more than the status does, and its title is the status's own phrase.
    boost::json::object o{{"type", "about:blank"},
                          {"title", boost::beast::http::obsolete_reason(p.code)},
                          {"status", static_cast<unsigned>(p.code)},
                          {"detail", p.detail}};
    if (!p.parameter.empty()) o["parameter"] = p.parameter;
    if (!p.member.empty()) o["member"] = p.member;
    return boost::json::serialize(o);
}

}  // namespace postern::http
