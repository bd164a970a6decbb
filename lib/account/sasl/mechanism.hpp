#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "account/authenticator.hpp"
#include "account/secret.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

/// The server's side of SASL (RFC 4422): who a client is, by one of several mechanisms, for every protocol that asks.
///
/// A mechanism sees octets only: the protocol's session decodes and encodes base64, knows how its protocol spells an empty or
/// a missing response, and takes care of cancellation by dropping the mechanism. What it says in the end is an account, or why
/// not.
namespace postern::account::sasl {

/// The server's next words, which the client answers.
struct challenge {
    std::string octets;
};

/// Why the client is not signed in.
struct refusal {
    enum class reason {
        malformed,        ///< not what the mechanism says must come here; no password was looked at
        bad_credentials,  ///< no such account, or not its password: the peer is never told which
        disabled,         ///< the password is right and the account is disabled
        throttled,        ///< too many failures, or too many hashes waiting; nothing was checked
        unavailable,      ///< the database cannot be asked now
    };
    reason why = reason::bad_credentials;
    std::chrono::seconds retry_after{0};  ///< for throttled: at least 1
    std::string detail;                   ///< for the log; of SCRAM the server-error-value (RFC 5802 section 7)
};

/// A challenge goes on; an account or a refusal is the end.
using step = std::variant<challenge, storage::account, refusal>;

/// Octets a response may have once decoded: what fits 12,288 of base64 (RFC 4954 section 4). A longer one is malformed.
inline constexpr std::size_t max_response = 9'216;

/// One authentication exchange. Loop thread only; not used again after its end.
class mechanism {
public:
    virtual ~mechanism() = default;

    /// Takes the client's response. The first call is with the initial response, or with nullopt when the client sent none;
    /// every further one answers a challenge.
    virtual net::awaitable<step> respond(std::optional<secret> response) = 0;
};

}  // namespace postern::account::sasl
