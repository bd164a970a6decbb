#pragma once

#include <memory>

#include "account/authenticator.hpp"
#include "account/password_hasher.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "storage/directory.hpp"

namespace postern::account {

/// Checks passwords against the accounts' Argon2id hashes.
///
/// Flow: login_throttle may refuse; the account's row is read anew; credential_cache may know that this password was right for
/// this very hash; else password_hasher does the work, once for equal questions asked at the same time. On failure the
/// attempt counts against the account and the address and is logged. A changed password or a disabled account counts at
/// once, since the row is read each time and the cache is bound to the hash. Loop thread only.
class password_authenticator final : public authenticator {
public:
    /// All outlive this object.
    password_authenticator(storage::directory& directory, password_hasher& hasher, core::random_source& random,
                           const core::clock& clock, core::logger log);
    ~password_authenticator() override;

    net::awaitable<login_result> verify(std::string login, secret password, boost::asio::ip::address client) override;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace postern::account
