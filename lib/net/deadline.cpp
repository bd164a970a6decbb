#include "net/deadline.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace postern::net {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

struct deadline::state {
    state(executor loop, std::move_only_function<void()> f) : timer(loop), on_expiry(std::move(f)) {}

    /// Sets the timer to `expiry`. The handler shares the state: a timer that has already fired cannot be called back.
    static void run(const std::shared_ptr<state>& self) {
        ++self->settings;
        self->wake = self->expiry;
        self->timer.expires_at(self->wake);  // the wait that was, if any, ends as aborted
        self->timer.async_wait([self](const boost::system::error_code& ec) {
            if (ec) return;
            self->wake = steady::time_point::max();
            if (!self->armed || !self->on_expiry) return;
            if (steady::now() < self->expiry) return run(self);
            self->armed = false;
            self->expired = true;
            self->on_expiry();
        });
    }

    asio::basic_waitable_timer<steady, asio::wait_traits<steady>, executor> timer;
    std::move_only_function<void()> on_expiry;
    steady::time_point expiry;
    steady::time_point wake = steady::time_point::max();  ///< when the timer fires; max: it does not run
    bool armed = false;
    bool expired = false;
    std::size_t settings = 0;
};

deadline::deadline(executor loop, std::move_only_function<void()> on_expiry)
    : state_(std::make_shared<state>(loop, std::move(on_expiry))) {}

deadline::~deadline() {
    state_->armed = false;
    state_->on_expiry = nullptr;
    state_->timer.cancel();
}

void deadline::arm(duration limit) {
    state_->armed = true;
    state_->expired = false;
    state_->expiry = steady::now() + limit;
    if (state_->expiry < state_->wake) state::run(state_);
}

void deadline::disarm() noexcept { state_->armed = false; }

bool deadline::expired() const noexcept { return state_->expired; }

std::size_t deadline::timer_settings() const noexcept { return state_->settings; }

}  // namespace postern::net
