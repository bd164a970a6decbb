#pragma once

#include <string>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/database.hpp"

namespace postern::queue {

/// Tells accounts by mail that 80 or 95 percent of their quota are used: once at each mark, until the use has fallen below it
/// again. The mail is put into the Inbox and sent to nobody else; it fits whatever the quota, as it would be of no use
/// otherwise. Looks when something changed in mailboxes, at most every few seconds, and now and then; any number of processes
/// may. Runs until it is cancelled; what it refers to outlives it.
net::awaitable<void> tell_of_quotas(net::executor loop, storage::database& database, const core::clock& clock,
                                    std::string hostname, core::logger log);

}  // namespace postern::queue
