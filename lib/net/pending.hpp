#pragma once

#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/async_result.hpp>

#include "net/awaitable.hpp"

namespace postern::net {

/// One value that one coroutine waits for and somebody else provides, both on the loop thread.
///
/// Shared by the two through a shared_ptr. The wait cannot be cancelled: it is for outcomes that must be known, such as a
/// commit's. Whoever owes the value must provide it, also on shutdown.
template <class T>
class pending {
public:
    /// Waits until complete() was called. At most once.
    awaitable<T> wait() {
        if (!value_) {
            co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<executor>, void()>(
                [this](auto handler) { resume_ = std::move(handler); }, use_awaitable);
        }
        co_return std::move(*value_);
    }

    /// Provides the value, before or after wait(). Resumes the waiter before it returns.
    void complete(T value) {
        value_.emplace(std::move(value));
        if (auto resume = std::exchange(resume_, nullptr)) resume();
    }

private:
    std::optional<T> value_;
    std::move_only_function<void()> resume_;
};

}  // namespace postern::net
