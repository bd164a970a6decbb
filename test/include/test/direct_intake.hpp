#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "queue/intake.hpp"
#include "storage/message_store.hpp"

namespace postern::test {

/// An intake that stores and does no more; remembers what it was to tell. Asked from any thread.
class direct_intake final : public queue::intake {
public:
    explicit direct_intake(storage::message_store& store) : store_(store) {}

    net::awaitable<core::result<storage::delivered>> deliver(storage::delivery d, queue::success_report tell) override {
        {
            const std::scoped_lock lock(mutex_);
            told_.push_back(std::move(tell));
        }
        co_return co_await store_.deliver(std::move(d));
    }

    [[nodiscard]] std::vector<queue::success_report> told() const {
        const std::scoped_lock lock(mutex_);
        return told_;
    }

private:
    storage::message_store& store_;
    mutable std::mutex mutex_;
    std::vector<queue::success_report> told_;
};

}  // namespace postern::test
