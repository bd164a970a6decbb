#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace postern::storage {

/// A mutex that lets in whoever came first. SQLite has one write lock, for which waiters poll with growing pauses: a lane
/// that commits all the time would keep the other one out for long.
class turnstile {
public:
    void lock() {
        std::unique_lock guard(mutex_);
        const auto mine = next_ticket_++;
        turned_.wait(guard, [&] { return mine == serving_; });
    }

    void unlock() {
        {
            const std::lock_guard guard(mutex_);
            ++serving_;
        }
        turned_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable turned_;
    std::uint64_t next_ticket_ = 0;
    std::uint64_t serving_ = 0;
};

}  // namespace postern::storage
