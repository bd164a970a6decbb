#pragma once

#include "account/recipient_resolver.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "dns/resolver.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "net/spool.hpp"
#include "queue/figures.hpp"
#include "storage/message_store.hpp"
#include "storage/queue_store.hpp"

namespace postern::queue {

/// What the queue stands on. All of it outlives the queue.
struct dependencies {
    net::executor loop;
    const core::clock& clock;
    core::random_source& random;
    storage::message_store& messages;
    storage::queue_store& queue;
    account::recipient_resolver& recipients;
    dns::resolver& resolver;
    net::blocking_pool& workers;
    net::spool_area& spools;
    core::logger log;
    queue::figures figures{};
};

}  // namespace postern::queue
