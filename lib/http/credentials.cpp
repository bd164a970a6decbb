#include "http/credentials.hpp"

#include <algorithm>
#include <optional>
#include <ostream>  // a Boost string header wants it
#include <utility>
#include <vector>

#include <openssl/evp.h>
#include <boost/url/grammar/ci_string.hpp>

#include "core/unicode.hpp"

namespace postern::http {

namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648 4, strictly: OpenSSL's decoder takes white space and padding anywhere, so the form is checked before.
std::optional<std::string> decode_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    const auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
    const auto data = text.substr(0, text.size() - padding);
    if (data.find_first_not_of(base64_alphabet) != std::string_view::npos) return std::nullopt;
    std::string decoded(text.size() / 4 * 3, '\0');
    const auto written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                         reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (written < 0) return std::nullopt;
    decoded.resize(decoded.size() - padding);
    return decoded;
}

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
    auto text = decode_base64(token);
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
