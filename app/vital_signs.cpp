#include "app/vital_signs.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace postern::app {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;
using timer = asio::basic_waitable_timer<steady, asio::wait_traits<steady>, net::executor>;

namespace {

constexpr auto beat = std::chrono::milliseconds(250);
constexpr auto between_counts = std::chrono::seconds(5);
constexpr auto between_sums = std::chrono::seconds(1);
constexpr int share_of_a_reader = 20;

double in_seconds(std::chrono::duration<double> d) { return std::max(d.count(), 0.0); }

}  // namespace

net::awaitable<void> watch_loop(core::metrics& into) {
    const auto lag =
        into.distribution("postern_loop_lag_seconds", "How late the event loop comes to what is due", core::waiting_times());
    timer clock(co_await asio::this_coro::executor);
    for (;;) {
        const auto due = steady::now() + beat;
        clock.expires_at(due);
        const auto [ec] = co_await clock.async_wait(asio::as_tuple(net::use_awaitable));
        if (ec) co_return;
        lag.observe(in_seconds(steady::now() - due));
    }
}

net::awaitable<void> watch_log(core::logger log) {
    timer pause(co_await asio::this_coro::executor);
    for (;;) {
        pause.expires_after(between_sums);
        const auto [ec] = co_await pause.async_wait(asio::as_tuple(net::use_awaitable));
        if (ec) co_return;
        log.tell_suppressed();
    }
}

net::awaitable<void> watch_queue(storage::queue_store& queue, const core::clock& clock, core::metrics& into) {
    const auto recipients = [&](const char* state) {
        return into.level("postern_queue_recipients", "Recipients in the queue", {{"state", state}});
    };
    const auto waiting = recipients("waiting");
    const auto held = recipients("held");
    const auto age =
        into.level("postern_queue_oldest_age_seconds", "How long ago the oldest of the queue was accepted; 0: empty");
    timer pause(co_await asio::this_coro::executor);
    for (;;) {
        const auto begin = steady::now();
        if (const auto depth = co_await queue.depth()) {
            waiting.set(static_cast<double>(depth->waiting));
            held.set(static_cast<double>(depth->held));
            age.set(depth->oldest ? in_seconds(clock.now() - *depth->oldest) : 0.0);
        }
        pause.expires_after(std::max<steady::duration>(between_counts, share_of_a_reader * (steady::now() - begin)));
        const auto [ec] = co_await pause.async_wait(asio::as_tuple(net::use_awaitable));
        if (ec) co_return;
    }
}

}  // namespace postern::app
