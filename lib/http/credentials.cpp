#include "http/credentials.hpp"

#include <algorithm>
#include <ostream>  // a Boost string header wants it
#include <utility>

#include <boost/url/grammar/ci_string.hpp>

#include "core/base64.hpp"
#include "core/unicode.hpp"

namespace postern::http {

namespace {

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; });
}

}  // namespace

problem not_authenticated(std::string detail) {
    return {status::unauthorized, std::move(detail), {}, {{"WWW-Authenticate", R"(Basic realm="postern", charset="UTF-8")"}}};
}

outcome<basic_credentials> read_basic(std::string_view authorization) {
    if (authorization.empty()) return std::unexpected(not_authenticated("Please sign in with your address and password."));
    const auto space = std::min(authorization.find(' '), authorization.size());
    if (!boost::urls::grammar::ci_is_equal(authorization.substr(0, space), "basic")) {
        return std::unexpected(not_authenticated("The only way to sign in here is the Basic scheme."));
    }
    const auto token = authorization.substr(std::min(authorization.find_first_not_of(' ', space), authorization.size()));
    auto text = core::decode_base64(token);
    const auto colon = text ? text->find(':') : std::string::npos;
    // RFC 7617 2: no control characters in either half; what follows the first colon is the password.
    if (colon == std::string::npos || has_control(*text) || !core::is_utf8(*text)) {
        return std::unexpected(not_authenticated("The credentials are not an address and a password in the Basic scheme."));
    }
    basic_credentials found{text->substr(0, colon), account::secret(std::string_view(*text).substr(colon + 1))};
    const account::secret wiped(std::move(*text));
    return found;
}

}  // namespace postern::http
