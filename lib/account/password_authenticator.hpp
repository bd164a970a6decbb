#pragma once

#include <memory>

#include "account/password_hasher.hpp"
#include "account/sasl_accounts.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "storage/app_password_store.hpp"
#include "storage/directory.hpp"

namespace postern::account {

/// Checks passwords against the accounts' Argon2id hashes and against app passwords.
///
/// Flow: login_throttle may refuse; the account's row is read anew; credential_cache may know that this password was right for
/// this very hash; else what looks like an app password is looked up, and at last password_hasher does the work, once for equal
/// questions asked at the same time. On failure the attempt counts against the account and the address and is logged, in a
/// SCRAM exchange too. A changed password, a disabled account or a removed app password counts at once, since the rows are read
/// each time and the cache is bound to the hash. Loop thread only.
class password_authenticator final : public sasl_accounts {
public:
    /// All outlive this object.
    password_authenticator(storage::directory& directory, storage::app_password_store& app_passwords, password_hasher& hasher,
                           core::random_source& random, const core::clock& clock, core::logger log);
    ~password_authenticator() override;

    net::awaitable<login_result> verify(std::string login, secret password, boost::asio::ip::address client) override;
    net::awaitable<std::expected<scram_login, login_failure>> find_scram(std::string login,
                                                                         boost::asio::ip::address client) override;
    net::awaitable<login_result> conclude_scram(std::string login, std::optional<storage::app_password_id> fits,
                                                boost::asio::ip::address client) override;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace postern::account
