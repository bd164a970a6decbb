#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "account/secret.hpp"
#include "http/problem.hpp"
#include "http/request.hpp"

namespace postern::http {

/// An address and a password out of an Authorization field.
struct basic_credentials {
    std::string login;
    account::secret password;
};

/// The schemes that a 401 offers.
enum class challenge {
    all,          ///< Basic, in UTF-8 (RFC 7617 2, 2.1), and Bearer (RFC 6750 3)
    bearer_only,  ///< for the page's own scripts: to the Basic scheme browsers answer with a window of theirs
};

/// 401 with its challenges.
[[nodiscard]] problem not_authenticated(std::string detail, challenge offered = challenge::all);

/// What to offer who sent this: the page says X-Requested-With: postern.
[[nodiscard]] challenge challenge_for(const request& r);

/// Whether an Authorization field is of this scheme (RFC 9110 11.1: no case).
[[nodiscard]] bool has_scheme(std::string_view authorization, std::string_view scheme);

/// Reads `Authorization: Basic ...` (RFC 7617 2). nullopt for what is not credentials at all.
[[nodiscard]] std::optional<basic_credentials> read_basic(std::string_view authorization);

/// Reads `Authorization: Bearer ...` (RFC 6750 2.1): what follows the scheme.
[[nodiscard]] account::secret read_bearer(std::string_view authorization);

/// Refuses what a page of another site had a browser send: 403 for a request whose Origin is not this host (RFC 6454 7), or
/// which the browser says comes from another site. Programs send neither field.
[[nodiscard]] outcome<void> check_origin(const request& r);

}  // namespace postern::http
