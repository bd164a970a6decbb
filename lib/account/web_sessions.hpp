#pragma once

#include <chrono>
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
#include "storage/web_session_store.hpp"

namespace postern::account {

/// How long a session lasts: without a request, and at all.
struct session_times {
    std::chrono::seconds idle{};
    std::chrono::seconds lifetime{};
};

/// A session that a browser's cookie has led to.
struct open_session {
    storage::web_session session;
    storage::account account;
    std::string csrf_token;  ///< follows from the cookie, which no script can read: who knows it was told by us
};

/// The sessions of people who signed in with a browser. What the browser keeps is stored hashed only. Loop thread.
class web_sessions {
public:
    /// All outlive this object.
    web_sessions(storage::web_session_store& store, core::random_source& random, const core::clock& clock, session_times times,
                 core::logger log);

    struct begun {
        open_session opened;
        secret cookie;  ///< the only time it is known
    };
    /// For who has just proven to be `owner`. unavailable, failed, not_found (the account is gone).
    net::awaitable<core::result<begun>> begin(storage::account owner, std::string address, std::string user_agent);

    /// Whose session it is, if it has not ended; notes the request. nullopt: nobody's, ended, idle for too long, or of a
    /// disabled account. unavailable, failed.
    net::awaitable<core::result<std::optional<open_session>>> find(secret cookie);

    /// Those that have not ended, the last seen first.
    net::awaitable<core::result<std::vector<storage::web_session>>> list(storage::account_id account);
    /// not_found, also when it is another account's.
    net::awaitable<core::result<void>> end(storage::account owner, storage::web_session_id id);
    /// Everywhere but in `except`. Returns how many there were.
    net::awaitable<core::result<std::size_t>> end_all(storage::account owner, std::optional<storage::web_session_id> except);

private:
    [[nodiscard]] bool has_ended(const storage::web_session& s, core::timestamp now) const;

    storage::web_session_store& store_;
    core::random_source& random_;
    const core::clock& clock_;
    session_times times_;
    core::logger log_;
};

}  // namespace postern::account
