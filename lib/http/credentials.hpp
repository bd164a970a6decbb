#pragma once

#include <string>
#include <string_view>

#include "account/secret.hpp"
#include "http/problem.hpp"

namespace postern::http {

/// An address and a password out of an Authorization field.
struct basic_credentials {
    std::string login;
    account::secret password;
};

/// 401 with the challenge of the Basic scheme in UTF-8 (RFC 7617 2, 2.1).
[[nodiscard]] problem not_authenticated(std::string detail);

/// Reads `Authorization: Basic ...` (RFC 7617 2). 401 for an empty field, another scheme, or what is not credentials at all.
[[nodiscard]] outcome<basic_credentials> read_basic(std::string_view authorization);

}  // namespace postern::http
