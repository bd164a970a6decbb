#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "storage/queue_records.hpp"

namespace postern::storage {

/// The durable queue of remote recipients; message_store::deliver puts them in.
///
/// An item is worked on under a lease: from birth (delivery::lease_owner) or by claim(). Whoever holds it alone decides about
/// the item; when it runs out, because its holder died, anybody may claim. Times come from the caller: processes that share
/// a database keep their clocks together to well within a lease.
/// Every call may fail with errc::unavailable, failed or, where it writes, outcome_unknown; what else is said at each.
class queue_store {
public:
    virtual ~queue_store() = default;

    struct claim_request {
        std::string owner;  ///< unique to this run of this process
        core::timestamp now;
        core::timestamp lease_until;
        std::size_t limit = 100;            ///< items, 1 to 1,000; what else of their messages is due comes with them
        std::vector<std::string> not_to{};  ///< destinations that are not wanted now
    };
    /// Leases items that are due, longest due first. Processes do not wait for each other, and no item is given to two.
    /// After outcome_unknown items may be leased to nobody who knows: they come back when the lease runs out.
    virtual net::awaitable<core::result<std::vector<queue_item>>> claim(claim_request request) = 0;

    /// Prolongs the leases `owner` still has; returns those items. The others are somebody else's: stop work on them.
    virtual net::awaitable<core::result<std::vector<queue_id>>> renew(std::string owner, std::vector<queue_id> items,
                                                                      core::timestamp lease_until) = 0;

    /// Writes outcomes with their events, and `notices` (bounces and the like: messages to local or remote recipients, with ids
    /// from message_store::next_id), all in one transaction, which is shared with others' and with deliveries.
    ///
    /// An outcome whose lease is no longer `owner`'s is left out with its events; when all are, so are the notices. `owner` ""
    /// acts for an administrator: no lease is asked for. With the last item of a message goes its outbound half, and where
    /// nobody has it in a mailbox its octets go too; its trace stays (message_store::trace).
    /// over_quota, some_over_quota, account_gone: a notice cannot be stored; nothing was written.
    /// After unavailable, failed or outcome_unknown the same call may be made again: what happened already is left out.
    virtual net::awaitable<core::result<concluded>> conclude(std::string owner, std::vector<queue_outcome> outcomes,
                                                             std::vector<delivery> notices) = 0;

    /// Gives back every lease of `owner`, due as before: on shutdown.
    virtual net::awaitable<core::result<void>> release_leases(std::string owner) = 0;

    /// When the next item falls due or its lease runs out; at or before `now`: there is something to claim. nullopt: nothing
    /// waits.
    virtual net::awaitable<core::result<std::optional<core::timestamp>>> next_due(core::timestamp now) = 0;

    /// What is not given does not filter.
    struct filter {
        std::optional<std::string> destination{};
        std::optional<std::string> sender{};     ///< reverse-path, whatever the case of its letters a-z
        std::optional<std::string> recipient{};  ///< likewise
        std::optional<queue_state> state{};
        std::optional<message_id> message{};
        std::optional<core::timestamp> created_before{};
        std::optional<queue_id> after{};  ///< the last of the page before
        std::size_t limit = 100;          ///< up to 1,000
    };
    /// By id, which is by age.
    virtual net::awaitable<core::result<std::vector<queue_item>>> list(filter f) = 0;
    /// not_found.
    virtual net::awaitable<core::result<queue_item>> find(queue_id id) = 0;
    virtual net::awaitable<core::result<queue_depth>> depth() = 0;

    // For an administrator, at most 1,000 items at a time. An item under a running lease is left to its worker. Each returns
    // how many items it changed, writes an event for each, and wakes those who can claim them.

    /// Makes waiting items due.
    virtual net::awaitable<core::result<std::size_t>> retry_now(std::vector<queue_id> items, core::timestamp now) = 0;
    virtual net::awaitable<core::result<std::size_t>> hold(std::vector<queue_id> items, core::timestamp now) = 0;
    /// Makes held items wait again, due at once.
    virtual net::awaitable<core::result<std::size_t>> release(std::vector<queue_id> items, core::timestamp now) = 0;
    /// Takes items out without telling their senders, also from under a worker, whose outcome then does not count.
    virtual net::awaitable<core::result<std::size_t>> remove(std::vector<queue_id> items, core::timestamp now) = 0;

    /// Calls `woken` on the loop when a process, perhaps this one, made items due that nobody works on, and when that may have
    /// been missed (PostgreSQL's NOTIFY; never on SQLite). Once; ends when the database is closed.
    virtual void on_wake(std::move_only_function<void()> woken) = 0;
};

}  // namespace postern::storage
