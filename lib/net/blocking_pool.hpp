#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <variant>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/awaitable.hpp"
#include "net/pending.hpp"

namespace postern::net {

/// Threads for what must not run on the loop: SQL reads, password hashes, file I/O, GMime on a large message.
///
/// run() hands a function to a thread and resumes the coroutine on the loop with its result, or with the exception it threw.
/// Jobs wait in order of arrival; the callers' own limits (sessions, requests) bound how many there can be.
/// The io_context must be declared before the pool: the destructor finishes every job and joins.
class blocking_pool {
public:
    explicit blocking_pool(std::size_t threads);
    ~blocking_pool();
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;

    /// Runs `f()` on a thread of the pool. `f` is owned by the job: it must not refer to the caller's locals unless the
    /// caller waits, which it does here, always: the wait cannot be cancelled.
    template <class F, class R = std::invoke_result_t<F&>>
    awaitable<R> run(F f) {
        using outcome = std::variant<std::monostate, wrapped<R>, std::exception_ptr>;
        const auto loop = co_await boost::asio::this_coro::executor;
        const auto waiting = std::make_shared<pending<outcome>>();
        submit([loop, waiting, work = std::move(f)]() mutable {
            outcome done;
            try {
                if constexpr (std::is_void_v<R>) {
                    work();
                    done.template emplace<1>();
                } else {
                    done.template emplace<1>(work());
                }
            } catch (...) {
                done.template emplace<2>(std::current_exception());
            }
            boost::asio::post(loop, [waiting, result = std::move(done)]() mutable { waiting->complete(std::move(result)); });
        });
        auto done = co_await waiting->wait();
        if (done.index() == 2) std::rethrow_exception(std::get<2>(done));
        if constexpr (!std::is_void_v<R>) co_return std::move(std::get<1>(done));
    }

    /// Jobs that have not been started yet.
    [[nodiscard]] std::size_t waiting() const;

private:
    template <class R>
    using wrapped = std::conditional_t<std::is_void_v<R>, std::true_type, R>;
    using job = std::move_only_function<void()>;

    void submit(job j);
    void work();

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<job> jobs_;
    bool closing_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace postern::net
