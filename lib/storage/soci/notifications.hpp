#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>

#include "config/settings.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "storage/records.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// What processes that share a PostgreSQL database tell each other: NOTIFY postern_queue, something can be claimed, which is
/// part of the transaction that makes it so; and NOTIFY postern_change, what accounts see has changed, which is sent from here,
/// afterwards and gathered for some milliseconds, so that no transaction is the slower for it.
///
/// Flow: a thread with a connection of its own listens and sends, so that nothing on the loop waits. A connection that breaks
/// is made again, less and less often; whenever one has been made, what was missed until then counts as heard, and as told.
class notifications {
public:
    struct handlers {
        std::function<void()> claimable;                         ///< several before the loop has seen the first are one
        std::function<void(std::optional<account_id>)> changed;  ///< by another process; nullopt: perhaps any account
    };

    /// Nothing on SQLite: see file_watch. `loop` must outlive the result; handlers are called on it.
    [[nodiscard]] static std::unique_ptr<notifications> start(net::executor loop, const config::database_settings& settings,
                                                              handlers to, core::logger log);
    /// No handler is called any more from here on. Blocks until the thread has ended.
    ~notifications();
    notifications(const notifications&) = delete;
    notifications& operator=(const notifications&) = delete;

    /// Tells the other processes, within 50 ms.
    void announce(account_id changed);

private:
    /// Shared with what is posted to the loop.
    struct mailroom;

    notifications(net::executor loop, config::database_settings settings, handlers to, core::logger log);
    void work();
    void converse();
    void receive(connection& session);
    void heard(std::string_view channel, std::string_view payload);
    [[nodiscard]] int until_sending();
    void send(connection& session);
    void post();
    bool stopped_within(std::chrono::milliseconds pause);

    net::executor loop_;
    config::database_settings settings_;
    core::logger log_;
    std::shared_ptr<mailroom> room_;
    int wake_;                // eventfd: something to send, or to stop
    bool connected_ = false;  // since the last attempt
    std::chrono::steady_clock::time_point last_sent_;
    std::mutex mutex_;
    std::set<account_id> to_send_;
    bool all_to_send_ = false;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace postern::storage
