#include "net/blocking_pool.hpp"

namespace postern::net {

blocking_pool::blocking_pool(std::size_t threads) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

blocking_pool::~blocking_pool() {
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    threads_.clear();  // joins
}

std::size_t blocking_pool::waiting() const {
    const std::scoped_lock lock(mutex_);
    return jobs_.size();
}

void blocking_pool::submit(job j) {
    {
        const std::scoped_lock lock(mutex_);
        jobs_.push_back(std::move(j));
    }
    wake_.notify_one();
}

void blocking_pool::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        auto j = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        j();
        j = nullptr;
        lock.lock();
    }
}

}  // namespace postern::net
