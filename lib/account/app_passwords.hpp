#pragma once

#include <string>
#include <vector>

#include "account/errc.hpp"
#include "account/password_hasher.hpp"
#include "account/secret.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/app_password_store.hpp"
#include "storage/directory.hpp"

namespace postern::account {

/// An app password just made: the only time it is known.
struct made_app_password {
    storage::app_password stored;
    secret password;  ///< in groups, as it is to be typed
};

/// Makes, lists and removes app passwords, for the command line and whoever else may.
///
/// Takes what a person typed and answers as administration does. Changes are logged.
class app_passwords {
public:
    /// SCRAM tries each, and a person can keep no more apart.
    static constexpr std::size_t max_per_account = 50;
    static constexpr std::size_t max_name = 256;  ///< octets

    /// All outlive this object.
    app_passwords(storage::directory& directory, storage::app_password_store& store, password_hasher& hasher,
                  core::random_source& random, const core::clock& clock, core::logger log);

    /// `name` is the person's word for the device: 1 to 256 octets of UTF-8 without control characters. invalid_address,
    /// invalid_value, not_found (the account), already_exists (the name), refused over max_per_account, busy.
    net::awaitable<core::result<made_app_password>> add(std::string address, std::string name);
    /// By name. invalid_address, not_found.
    net::awaitable<core::result<std::vector<storage::app_password>>> list(std::string address);
    /// invalid_address, not_found (the account or the name).
    net::awaitable<core::result<void>> remove(std::string address, std::string name);

private:
    struct owned {
        storage::canonical_address address;
        storage::account_id account;
        std::vector<storage::app_password> passwords;
    };
    net::awaitable<core::result<owned>> find(std::string address);
    net::awaitable<core::result<scram_keys>> derive(storage::account_id account, secret password);

    storage::directory& directory_;
    storage::app_password_store& store_;
    password_hasher& hasher_;
    core::random_source& random_;
    const core::clock& clock_;
    core::logger log_;
};

}  // namespace postern::account
