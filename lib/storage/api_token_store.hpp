#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/app_password_store.hpp"
#include "storage/records.hpp"

namespace postern::storage {

using core::api_token_id;

/// What a token may be used for.
struct token_scopes {
    bool read = false;
    bool send = false;
    bool admin = false;

    friend bool operator==(const token_scopes&, const token_scopes&) = default;
};

/// What a person sees of an API token after it was made.
struct api_token {
    api_token_id id;
    account_id account;
    std::string name;  ///< unique in the account
    token_scopes scopes;
    core::timestamp created_at;
    std::optional<core::timestamp> expires_at;    ///< nullopt: never
    std::optional<core::timestamp> last_used_at;  ///< to the minute
};

struct new_api_token {
    account_id account;
    std::string name;
    key_octets token_hash{};  ///< SHA-256 of the token
    token_scopes scopes;
    core::timestamp created_at;
    std::optional<core::timestamp> expires_at;
};

/// Tokens made by us for programs that use the HTTP API. Every call may fail with errc::unavailable or errc::failed; what else
/// is said at each.
class api_token_store {
public:
    virtual ~api_token_store() = default;

    static constexpr std::size_t most_tokens = 100;  ///< of an account

    /// not_found: no such account; already_exists: it has one of that name; refused: it has most_tokens.
    virtual net::awaitable<core::result<api_token>> add(new_api_token wanted) = 0;
    /// By name.
    virtual net::awaitable<core::result<std::vector<api_token>>> list(account_id account) = 0;
    /// not_found, also when it is another account's.
    virtual net::awaitable<core::result<void>> remove(account_id account, api_token_id id) = 0;

    struct owned {
        api_token token;
        storage::account account;
    };
    /// Whose this is. Whether it has expired, and whether the account is disabled, is for the caller to see.
    virtual net::awaitable<core::result<std::optional<owned>>> find(key_octets token_hash) = 0;

    /// Notes a use; written some time later, many in one transaction, and lost when that fails. Loop thread.
    virtual void used(api_token_id id, core::timestamp at) = 0;
};

}  // namespace postern::storage
