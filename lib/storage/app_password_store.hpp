#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"

namespace postern::storage {

using core::app_password_id;

using key_octets = std::array<unsigned char, 32>;  ///< of SHA-256

/// What a person sees of an app password after it was made.
struct app_password {
    app_password_id id;
    account_id account;
    std::string name;  ///< the person's word for the device; unique in the account
    core::timestamp created_at;
    std::optional<core::timestamp> last_used_at;  ///< to the minute
};

struct new_app_password {
    account_id account;
    std::string name;
    key_octets token_hash{};  ///< SHA-256 of the password
    key_octets stored_key{};  ///< RFC 5802 3, made with the account's scram_parameters
    key_octets server_key{};
    core::timestamp created_at;
};

/// What a SCRAM-SHA-256 exchange begins with, the same for all of an account's app passwords.
struct scram_parameters {
    std::array<unsigned char, 16> salt{};
    std::int32_t iterations = 4096;  ///< at least 4,096 (RFC 7677 4)

    friend bool operator==(const scram_parameters&, const scram_parameters&) = default;
};

struct scram_key {
    app_password_id id;
    key_octets stored_key{};
    key_octets server_key{};
};

/// What SCRAM needs of an account. The client's proof fits one of the keys or none: try each.
struct scram_credentials {
    account_id account;
    bool disabled = false;
    scram_parameters parameters;
    std::vector<scram_key> keys;  ///< of every app password, oldest first; perhaps none any more
};

/// Passwords made by us for one device each. Every call may fail with errc::unavailable or errc::failed; what else is said at
/// each.
class app_password_store {
public:
    virtual ~app_password_store() = default;

    /// The account's parameters; `proposed` become these when it has none yet. not_found: no such account.
    virtual net::awaitable<core::result<scram_parameters>> establish_scram(account_id account, scram_parameters proposed) = 0;

    /// not_found: no such account; already_exists: it has one of that name.
    virtual net::awaitable<core::result<app_password>> add(new_app_password wanted) = 0;
    /// By name.
    virtual net::awaitable<core::result<std::vector<app_password>>> list(account_id account) = 0;
    /// not_found, also when it is another account's.
    virtual net::awaitable<core::result<void>> remove(account_id account, app_password_id id) = 0;

    struct owned {
        app_password password;
        storage::account account;
    };
    /// Whose this is, for PLAIN and LOGIN.
    virtual net::awaitable<core::result<std::optional<owned>>> find(key_octets token_hash) = 0;
    /// nullopt: no such account, or it never had an app password.
    virtual net::awaitable<core::result<std::optional<scram_credentials>>> find_scram(canonical_address login) = 0;

    /// Notes a use; written some time later, many in one transaction, and lost when that fails. Loop thread.
    virtual void used(app_password_id id, core::timestamp at) = 0;
};

}  // namespace postern::storage
