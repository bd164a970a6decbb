#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "net/awaitable.hpp"

namespace postern::net {

/// Ends a network wait that takes too long. Every wait on the network has one of these around it.
///
/// A wait arms the deadline, suspends, and disarms it; when the time passes first, `on_expiry` is called on the loop and has
/// to make the wait return (by cancelling the socket's operations). The waiter then finds expired() true.
///
/// Arming costs a clock reading: it moves a time in memory, and the one timer behind it looks at that time only when it
/// fires, to run on for the rest. The timer itself is touched about once per timeout, not once per read, so a session may arm
/// at every command.
class deadline {
public:
    using duration = std::chrono::steady_clock::duration;

    /// `on_expiry` may refer to whatever owns the deadline: it is never called after the destructor.
    deadline(executor loop, std::move_only_function<void()> on_expiry);
    ~deadline();
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;

    /// From now on `limit` is left. A limit of zero or less expires at the loop's next turn.
    void arm(duration limit);

    /// The wait is over.
    void disarm() noexcept;

    /// Whether the time passed between the last arm() and its disarm().
    [[nodiscard]] bool expired() const noexcept;

    /// How often the timer behind was set; for tests of the cost.
    [[nodiscard]] std::size_t timer_settings() const noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace postern::net
