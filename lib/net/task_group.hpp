#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/log.hpp"
#include "net/awaitable.hpp"

namespace postern::net {

/// Owns the coroutines it spawns: counts them, logs what escapes from them, cancels and awaits them.
///
/// Loop thread only. Nothing in Postern is spawned detached; a coroutine that is not awaited belongs to a group.
class task_group {
public:
    task_group(executor loop, core::logger log);
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    /// Starts `task`. It takes values or shared_ptr only: its caller may be gone before it ends.
    void spawn(awaitable<void> task, std::string name);

    /// Coroutines that have not ended.
    [[nodiscard]] std::size_t size() const;

    /// Asks every coroutine to stop at its next cancellable wait.
    void cancel();

    /// Waits until every coroutine has ended or `limit` has passed; true when none is left.
    awaitable<bool> wait(std::chrono::steady_clock::duration limit);

private:
    struct state;
    using signal_place = std::list<boost::asio::cancellation_signal>::iterator;
    static void bury(const std::shared_ptr<state>& shared, signal_place ended);

    executor loop_;
    std::shared_ptr<state> state_;
};

}  // namespace postern::net
