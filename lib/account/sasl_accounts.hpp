#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "account/authenticator.hpp"
#include "storage/app_password_store.hpp"

namespace postern::account {

/// What a SCRAM exchange (RFC 5802) begins with. For a login without app passwords it is made up, the same each time, so that
/// nobody learns which accounts there are.
struct scram_login {
    storage::scram_parameters parameters;
    std::vector<storage::scram_key> keys;  ///< the client's proof fits one of them or none
};

/// Tells who somebody is by whatever a SASL mechanism has: a password, or the proof of an app password.
class sasl_accounts : public authenticator {
public:
    /// The beginning of a SCRAM exchange for `login`; throttled or unavailable.
    virtual net::awaitable<std::expected<scram_login, login_failure>> find_scram(std::string login,
                                                                                 boost::asio::ip::address client) = 0;

    /// Its end: `fits` is the key that the client's proof fits, nullopt when none does, which counts like a wrong password. An
    /// app password removed meanwhile opens nothing any more.
    virtual net::awaitable<login_result> conclude_scram(std::string login, std::optional<storage::app_password_id> fits,
                                                        boost::asio::ip::address client) = 0;
};

}  // namespace postern::account
