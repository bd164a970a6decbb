#include "queue/scheduler.hpp"

#include <utility>

#include "queue/engine.hpp"

namespace postern::queue {

scheduler::scheduler(dependencies uses, scheduler_settings settings)
    : engine_(std::make_shared<engine>(std::move(uses), std::move(settings))) {}

scheduler::~scheduler() = default;

void scheduler::start() { engine_->start(); }

net::awaitable<void> scheduler::stop(std::chrono::steady_clock::duration drain) { return engine_->stop(drain); }

net::awaitable<core::result<storage::delivered>> scheduler::deliver(storage::delivery d, success_report tell) {
    return engine_->deliver(std::move(d), std::move(tell));
}

void scheduler::change_routes(const config::relay_settings& to) { engine_->change_routes(to); }

void scheduler::wake() { engine_->wake(); }

std::size_t scheduler::items() const { return engine_->waiting().items(); }

std::size_t scheduler::connections() const { return engine_->waiting().connections(); }

}  // namespace postern::queue
