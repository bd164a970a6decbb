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

using core::web_session_id;

/// Somebody signed in with a browser.
struct web_session {
    web_session_id id;
    account_id account;
    core::timestamp created_at;
    core::timestamp last_seen_at;  ///< to the minute
    core::timestamp expires_at;    ///< whatever is seen of it; how long it may be idle is for the caller to say
    std::string address;           ///< it was made from
    std::string user_agent;
};

struct new_web_session {
    account_id account;
    key_octets token_hash{};  ///< SHA-256 of the cookie
    core::timestamp created_at;
    core::timestamp expires_at;
    std::string address;
    std::string user_agent;  ///< any octets; made UTF-8 and cut at 256 octets
};

/// Every call may fail with errc::unavailable or errc::failed; what else is said at each.
class web_session_store {
public:
    virtual ~web_session_store() = default;

    static constexpr std::size_t most_sessions = 100;  ///< of an account; beyond them that which was seen longest ago goes

    /// not_found: no such account.
    virtual net::awaitable<core::result<web_session>> add(new_web_session wanted) = 0;
    /// Seen last first; expired ones too while they are there.
    virtual net::awaitable<core::result<std::vector<web_session>>> list(account_id account) = 0;
    /// not_found, also when it is another account's.
    virtual net::awaitable<core::result<void>> remove(account_id account, web_session_id id) = 0;
    /// All of the account's but `except`. Returns how many.
    virtual net::awaitable<core::result<std::size_t>> remove_all(account_id account, std::optional<web_session_id> except) = 0;

    struct owned {
        web_session session;
        storage::account account;
    };
    /// Whose this is. Whether it has expired, and whether the account is disabled, is for the caller to see.
    virtual net::awaitable<core::result<std::optional<owned>>> find(key_octets token_hash) = 0;

    /// Notes a request; written some time later, many in one transaction, and lost when that fails. Loop thread.
    virtual void seen(web_session_id id, core::timestamp at) = 0;

    /// Removes at most `limit` sessions that expired before `now` or were seen last before `idle_since`. Returns how many.
    virtual net::awaitable<core::result<std::size_t>> remove_expired(core::timestamp now, core::timestamp idle_since,
                                                                     std::size_t limit) = 0;
};

}  // namespace postern::storage
