#pragma once

#include <optional>
#include <string>

#include "account/web_sessions.hpp"
#include "http/problem.hpp"
#include "http/route.hpp"
#include "storage/api_token_store.hpp"

namespace postern::http {

/// Who asks, and by what proof.
struct caller {
    enum class proof {
        password,  ///< the account's own or an app password (Basic)
        token,     ///< an API token (Bearer)
        session,   ///< the page's cookie
    };

    storage::account account;
    proof by = proof::password;
    storage::token_scopes scopes{};  ///< of a token
    storage::web_session session{};  ///< of a session
    std::string csrf_token{};        ///< likewise
};

/// Whether this caller may use a route with such needs; 403 else, with the scope that a token lacks (RFC 6750 3.1).
[[nodiscard]] outcome<void> authorize(const caller& who, access needs);

}  // namespace postern::http
