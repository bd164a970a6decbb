#include "http/credentials.hpp"

#include <algorithm>
#include <ostream>  // a Boost string header wants it
#include <utility>

#include <boost/url/grammar/ci_string.hpp>

#include "core/base64.hpp"
#include "core/unicode.hpp"

namespace postern::http {

namespace {

using boost::beast::http::field;
using boost::urls::grammar::ci_is_equal;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; });
}

std::string_view after_scheme(std::string_view authorization) {
    const auto space = std::min(authorization.find(' '), authorization.size());
    return authorization.substr(std::min(authorization.find_first_not_of(' ', space), authorization.size()));
}

std::string_view field_of(const request& r, std::string_view name) {
    const auto value = r.fields[boost::beast::string_view(name.data(), name.size())];
    return {value.data(), value.size()};
}

}  // namespace

problem not_authenticated(std::string detail, challenge offered) {
    problem p{status::unauthorized, std::move(detail), {}};
    if (offered == challenge::all) p.fields.emplace_back("WWW-Authenticate", R"(Basic realm="postern", charset="UTF-8")");
    p.fields.emplace_back("WWW-Authenticate", R"(Bearer realm="postern")");
    return p;
}

challenge challenge_for(const request& r) {
    return field_of(r, "X-Requested-With") == "postern" ? challenge::bearer_only : challenge::all;
}

bool has_scheme(std::string_view authorization, std::string_view scheme) {
    return ci_is_equal(authorization.substr(0, authorization.find(' ')), scheme);
}

std::optional<basic_credentials> read_basic(std::string_view authorization) {
    auto text = core::decode_base64(after_scheme(authorization));
    const auto colon = text ? text->find(':') : std::string::npos;
    // RFC 7617 2: no control characters in either half; what follows the first colon is the password.
    if (colon == std::string::npos || has_control(*text) || !core::is_utf8(*text)) return std::nullopt;
    basic_credentials found{text->substr(0, colon), account::secret(std::string_view(*text).substr(colon + 1))};
    const account::secret wiped(std::move(*text));
    return found;
}

account::secret read_bearer(std::string_view authorization) { return account::secret(after_scheme(authorization)); }

outcome<void> check_origin(const request& r) {
    const auto site = field_of(r, "Sec-Fetch-Site");
    const auto origin = r.field(field::origin);
    const auto scheme = origin.find("://");
    const bool foreign_site = site == "cross-site" || site == "same-site";
    // The host alone is compared: whoever ends TLS in front of us leaves no trace of the scheme.
    const bool foreign_origin =
        !origin.empty() && (scheme == std::string_view::npos || !ci_is_equal(origin.substr(scheme + 3), r.field(field::host)));
    if (foreign_site || foreign_origin) {
        return refuse(status::forbidden, "The request comes from a page of another site.");
    }
    return {};
}

}  // namespace postern::http
