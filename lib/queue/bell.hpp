#pragma once

#include <chrono>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>

#include "net/awaitable.hpp"

namespace postern::queue {

/// Wakes the one coroutine that waits for work. A ring while nobody waits is kept for the next wait.
class bell {
public:
    explicit bell(net::executor loop) : timer_(loop) {}

    void ring() {
        rung_ = true;
        timer_.cancel();
    }

    /// Until the next ring, or for `limit`; true when it rang.
    net::awaitable<bool> wait(std::chrono::steady_clock::duration limit) {
        if (!rung_) {
            timer_.expires_after(limit);
            boost::system::error_code ended;
            co_await timer_.async_wait(boost::asio::redirect_error(net::use_awaitable, ended));
        }
        const bool rang = rung_;
        rung_ = false;
        co_return rang;
    }

private:
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      net::executor>
        timer_;
    bool rung_ = false;
};

}  // namespace postern::queue
