#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "queue/report_writer.hpp"
#include "storage/queue_store.hpp"

namespace postern::queue {

/// What an administrator does to the queue that its store cannot do alone.
class administration {
public:
    administration(report_writer::dependencies uses, storage::queue_store& queue, std::string hostname,
                   std::chrono::milliseconds expire);

    /// Gives the items up, also from under a worker, whose outcome then does not count, and tells their senders, one notice per
    /// message. Returns how many were still there.
    net::awaitable<core::result<std::size_t>> bounce(std::vector<storage::queue_item> items);

private:
    net::awaitable<core::result<std::size_t>> bounce_message(std::vector<storage::queue_item> items);

    const core::clock& clock_;
    storage::queue_store& queue_;
    report_writer reports_;
};

}  // namespace postern::queue
