#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "config/settings.hpp"
#include "net/awaitable.hpp"

namespace postern::storage {

/// Hears on SQLite what a command of another process did to mailboxes, which says so by changing the file's user_version in its
/// transaction: a thread looks at that number every second. What servers do to each other's mail needs no telling here, as one
/// file has one server.
class file_watch {
public:
    /// Nothing on PostgreSQL: see notifications. `changed` is called on `loop`, which must outlive the result.
    [[nodiscard]] static std::unique_ptr<file_watch> start(net::executor loop, const config::database_settings& settings,
                                                           std::function<void()> changed);
    /// `changed` is not called any more from here on. Blocks until the thread has ended.
    ~file_watch();
    file_watch(const file_watch&) = delete;
    file_watch& operator=(const file_watch&) = delete;

private:
    file_watch(net::executor loop, config::database_settings settings, std::function<void()> changed);
    void work();
    bool stopped_within_period();

    net::executor loop_;
    config::database_settings settings_;
    std::shared_ptr<std::function<void()>> changed_;  // empty once nobody is to be told
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace postern::storage
