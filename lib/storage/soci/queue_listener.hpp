#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "config/settings.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// Listens for PostgreSQL's NOTIFY postern_queue, on a thread and a connection of its own, so that nothing on the loop waits.
///
/// A connection that breaks is made again, less and less often; whenever one has been made, what was missed until then counts
/// as a notification. Several that come before the loop has seen the first are one.
class queue_listener {
public:
    /// Nothing on SQLite, where there is nobody to hear from. `loop` must outlive the result.
    [[nodiscard]] static std::unique_ptr<queue_listener> start(net::executor loop, const config::database_settings& settings,
                                                               std::move_only_function<void()> woken, core::logger log);
    /// `woken` is not called any more from here on. Blocks until the thread has ended.
    ~queue_listener();
    queue_listener(const queue_listener&) = delete;
    queue_listener& operator=(const queue_listener&) = delete;

private:
    /// Shared with what is posted to the loop.
    struct waiter {
        std::move_only_function<void()> woken;
        std::atomic<bool> posted = false;
        std::atomic<bool> closed = false;
    };

    queue_listener(net::executor loop, config::database_settings settings, std::move_only_function<void()> woken,
                   core::logger log);
    void work();
    void listen();
    void wake();
    bool stopped_within(std::chrono::milliseconds pause) const;

    net::executor loop_;
    config::database_settings settings_;
    core::logger log_;
    std::shared_ptr<waiter> waiter_;
    int stop_;            // eventfd
    bool heard_ = false;  // since the last connection was made
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace postern::storage
