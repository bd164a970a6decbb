#include "net/task_group.hpp"

#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>

namespace postern::net {

namespace asio = boost::asio;

struct task_group::state {
    explicit state(executor loop, core::logger l) : log(std::move(l)), ended(loop) {}

    core::logger log;
    std::list<asio::cancellation_signal> signals;  ///< of the tasks that have not ended
    std::list<asio::cancellation_signal> ended_signals;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor> ended;
};

namespace {

void report(const core::logger& log, const std::string& name, const std::exception_ptr& escaped) {
    if (!escaped) return;
    try {
        std::rethrow_exception(escaped);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) return;  // cancelled, as asked
        log.error("task failed", {{"task", name}, {"reason", e.what()}});
    } catch (const std::exception& e) {
        log.error("task failed", {{"task", name}, {"reason", e.what()}});
    } catch (...) {
        log.error("task failed", {{"task", name}, {"reason", "unknown exception"}});
    }
}

}  // namespace

/// A cancellation that was emitted is carried out by a handler that Asio posts and that refers to the signal: a task that ends
/// meanwhile leaves the list, but its signal lives until the handlers posted so far have run.
void task_group::bury(const std::shared_ptr<state>& shared, signal_place ended) {
    shared->ended_signals.splice(shared->ended_signals.end(), shared->signals, ended);
    asio::post(shared->ended.get_executor(), [shared, ended] { shared->ended_signals.erase(ended); });
}

task_group::task_group(executor loop, core::logger log) : loop_(loop), state_(std::make_shared<state>(loop, std::move(log))) {}

task_group::~task_group() = default;

void task_group::spawn(awaitable<void> task, std::string name) {
    const auto signal = state_->signals.emplace(state_->signals.end());
    asio::co_spawn(loop_, std::move(task),
                   asio::bind_cancellation_slot(
                       signal->slot(), [shared = state_, signal, name = std::move(name)](const std::exception_ptr& escaped) {
                           report(shared->log, name, escaped);
                           bury(shared, signal);
                           if (shared->signals.empty()) shared->ended.cancel();
                       }));
}

std::size_t task_group::size() const { return state_->signals.size(); }

void task_group::cancel() {
    // A cancelled coroutine may end at once and leave the list: step before emitting.
    for (auto it = state_->signals.begin(); it != state_->signals.end();) (it++)->emit(asio::cancellation_type::terminal);
}

awaitable<bool> task_group::wait(std::chrono::steady_clock::duration limit) {
    const auto shared = state_;
    if (shared->signals.empty()) co_return true;
    shared->ended.expires_after(limit);
    boost::system::error_code ignored;
    co_await shared->ended.async_wait(asio::redirect_error(use_awaitable, ignored));
    co_return shared->signals.empty();
}

}  // namespace postern::net
