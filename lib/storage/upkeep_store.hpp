#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/archive_store.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// An account that uses more, or less, of its quota than it was told.
struct quota_news {
    account_id account;
    canonical_address address;
    std::string name;
    std::int64_t used = 0;
    std::int64_t limit = 0;
    int percent = 0;  ///< the mark that is passed now: 0, 80 or 95
    int told = 0;     ///< the mark it was told of last
};

/// What is done to accounts as time goes by, and nobody asks for. Any number of processes may do it at once.
///
/// Every call may fail with errc::unavailable or failed.
class upkeep_store {
public:
    virtual ~upkeep_store() = default;

    static constexpr std::size_t most_entries = 1'000;  ///< in one call

    /// Removes for good at most `limit` messages of one account that came before `time` into its mailbox of this role; by
    /// delivery or because somebody moved them there. Returns how many; zero: none are left.
    virtual net::awaitable<core::result<std::size_t>> remove_entries_before(mailbox_role role, core::timestamp time,
                                                                            std::size_t limit, core::timestamp now) = 0;

    /// At most `limit` (1 to 10,000) attempts to sign in. Returns how many; fewer than `limit`: none are left.
    virtual net::awaitable<core::result<std::size_t>> remove_logins_before(core::timestamp time, std::size_t limit) = 0;

    /// At most `limit` accounts that are to be told, or that may be told again as they use less now.
    virtual net::awaitable<core::result<std::vector<quota_news>>> list_quota_news(std::size_t limit) = 0;

    /// Puts `warning` into the account's Inbox, whatever its quota, and notes what it was told, in one transaction; with no
    /// warning, only notes it. False: somebody else has done it, or it is so no more, and nothing was stored.
    virtual net::awaitable<core::result<bool>> tell_of_quota(quota_news news, std::optional<imported_message> warning,
                                                             core::timestamp now) = 0;
};

}  // namespace postern::storage
