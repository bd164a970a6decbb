#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/errc.hpp"
#include "account/secret.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/api_token_store.hpp"

namespace postern::account {

/// An API token just made: the only time it is known.
struct made_api_token {
    storage::api_token stored;
    secret token;
};

/// Makes, checks, lists and removes API tokens: a program's own key to an account, good for what its scopes say. Changes are
/// logged. Loop thread.
class api_tokens {
public:
    static constexpr std::string_view prefix = "pt_";
    static constexpr std::size_t max_name = 256;  ///< octets

    /// All outlive this object.
    api_tokens(storage::api_token_store& store, core::random_source& random, const core::clock& clock, core::logger log);

    /// `name` is the person's word for the program: 1 to 256 octets of UTF-8 without control characters. At least one scope;
    /// admin for administrators only; `expires_at` in the future. invalid_value, already_exists (the name), not_found (the
    /// account is gone), refused (too many, or the scope is not for this account).
    net::awaitable<core::result<made_api_token>> add(storage::account owner, std::string name, storage::token_scopes scopes,
                                                     std::optional<core::timestamp> expires_at);
    /// By name, expired ones too.
    net::awaitable<core::result<std::vector<storage::api_token>>> list(storage::account_id account);
    /// not_found, also when it is another account's.
    net::awaitable<core::result<void>> remove(storage::account owner, storage::api_token_id id);

    /// Whose this is, if it is good now; notes the use. nullopt: nobody's, expired, or of a disabled account. unavailable,
    /// failed.
    net::awaitable<core::result<std::optional<storage::api_token_store::owned>>> verify(secret token);

private:
    storage::api_token_store& store_;
    core::random_source& random_;
    const core::clock& clock_;
    core::logger log_;
};

}  // namespace postern::account
