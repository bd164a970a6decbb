#pragma once

#include <string>

#include <boost/asio/ip/address.hpp>

#include "http/caller.hpp"
#include "http/credentials.hpp"
#include "http/request.hpp"
#include "http/services.hpp"

/// Who somebody is: by password (Basic), API token (Bearer) or the page's cookie.
///
/// Failed sign-ins are slowed per account and address by the authenticator; tokens and cookies are too long to be guessed. A
/// cookie is sent by the browser whoever made it ask, so a change needs the CSRF token besides, which only our page can know.
/// Attempts with a password are noted for the account's person to see.
namespace postern::http {

/// The page's cookie.
inline constexpr std::string_view session_cookie = "postern_session";

/// Where an attempt to sign in comes from.
struct visitor {
    boost::asio::ip::address address;
    std::string agent;   ///< what the client says of itself
    std::string method;  ///< a word for the list of logins: "password", "web"
};

/// Checks an address and a password, and notes the attempt. 401 with `offered`, 429 with Retry-After, 503.
net::awaitable<outcome<storage::account>> sign_in(const services& server, std::string login, account::secret password,
                                                  visitor from, challenge offered);

/// Who sends this request. 400, 401, 403 (a change from another site, or without the CSRF token), 429, 503. `r` outlives the
/// wait.
net::awaitable<outcome<caller>> identify(const services& server, const request& r, boost::asio::ip::address client);

}  // namespace postern::http
