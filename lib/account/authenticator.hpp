#pragma once

#include <chrono>
#include <expected>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "account/secret.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::account {

struct login_failure {
    enum class reason {
        bad_credentials,  ///< no such account, or not its password: the peer is never told which
        disabled,         ///< the password is right and the account is disabled
        throttled,        ///< too many failures, or too many hashes waiting; nothing was checked
        unavailable,      ///< the database cannot be asked now
    };
    reason why = reason::bad_credentials;
    std::chrono::seconds retry_after{0};  ///< for throttled: when trying again makes sense, at least 1
};

/// The account as it stood when the password was checked, or why there is none.
using login_result = std::expected<storage::account, login_failure>;

/// Tells who somebody is who gives an address and a password.
class authenticator {
public:
    virtual ~authenticator() = default;

    /// `login` is the account's address in any spelling, `password` as the client sent it, `client` where from.
    /// Takes as long for an account that does not exist as for one that does. Never throws for what the client sent.
    virtual net::awaitable<login_result> verify(std::string login, secret password, boost::asio::ip::address client) = 0;
};

}  // namespace postern::account
