#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include "config/settings.hpp"
#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/pending.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// Something to be read, and whoever waits for it.
class read_job {
public:
    read_job() = default;
    virtual ~read_job() = default;
    read_job(const read_job&) = delete;
    read_job& operator=(const read_job&) = delete;

    /// On a thread of the pool. May throw. Called once more, on a new session, when the first one turns out to be lost.
    virtual void perform(connection& on) = 0;
    /// Instead of a result: what perform() threw, or that it was never called.
    virtual void fail(core::error why) = 0;
    /// After either, on a thread of the pool or on the caller's: tells the waiter.
    virtual void answer() = 0;
};

/// Reads: threads with one database session each and one queue.
///
/// Flow: the first free thread takes the job; the result comes back on the loop. One session is made at once, each of the
/// others when a job finds all those there are busy, and stays. A read changes nothing, so when a session proves lost the
/// thread makes a new one and reads again: a restart of the database that is over goes unnoticed. When that fails too the job
/// is answered unavailable; and while no thread has a session, so is every other job, at once, while the threads try to connect
/// again, less and less often. What the database itself refuses is errc::failed.
class read_pool {
public:
    /// Makes database.read_sessions threads. `first` is the first session, if it is given; else a thread makes it: nothing here
    /// waits for the database.
    read_pool(net::executor loop, config::database_settings settings, core::logger log,
              std::unique_ptr<connection> first = nullptr);
    ~read_pool();
    read_pool(const read_pool&) = delete;
    read_pool& operator=(const read_pool&) = delete;

    /// Runs `work(connection&)`, which returns a core::result, and resumes on the loop with it. `work` owns what it uses and
    /// may be called twice.
    template <class F, class R = std::invoke_result_t<F&, connection&>>
    net::awaitable<R> run(F work) {
        const auto job = std::make_shared<loop_job<F, R>>(loop_, std::move(work));
        submit(job);
        co_return co_await job->waiter.wait();
    }

    /// The same for a thread that may block. Never from the loop, never from a thread of this pool.
    template <class F, class R = std::invoke_result_t<F&, connection&>>
    R run_blocking(F work) {
        const auto job = std::make_shared<blocking_job<F, R>>(std::move(work));
        auto outcome = job->promise.get_future();
        submit(job);
        return outcome.get();
    }

    /// Any thread.
    void submit(std::shared_ptr<read_job> job);

    /// Finishes what was submitted, then ends the threads; later jobs are answered unavailable. Blocks.
    void close();

private:
    template <class F, class R>
    class typed_job : public read_job {
    public:
        explicit typed_job(F work) : work_(std::move(work)) {}
        void perform(connection& on) override { outcome_ = work_(on); }
        void fail(core::error why) override { outcome_ = std::unexpected(std::move(why)); }

    protected:
        F work_;
        R outcome_ = std::unexpected(core::error{});
    };

    template <class F, class R>
    class loop_job final : public typed_job<F, R>, public std::enable_shared_from_this<loop_job<F, R>> {
    public:
        loop_job(net::executor loop, F work) : typed_job<F, R>(std::move(work)), loop_(std::move(loop)) {}
        void answer() override {
            boost::asio::post(loop_, [self = this->shared_from_this()] { self->waiter.complete(std::move(self->outcome_)); });
        }

        net::pending<R> waiter;

    private:
        net::executor loop_;
    };

    template <class F, class R>
    class blocking_job final : public typed_job<F, R> {
    public:
        using typed_job<F, R>::typed_job;
        void answer() override { promise.set_value(std::move(this->outcome_)); }

        std::promise<R> promise;
    };

    void work(std::unique_ptr<connection> session);
    void serve(read_job& job, std::unique_ptr<connection>& session);
    std::unique_ptr<connection> connect();
    void be_idle();
    void disconnect(std::unique_ptr<connection>& session, const char* why);
    std::shared_ptr<read_job> take();
    bool pause(std::chrono::milliseconds length);
    bool wait_until_needed();
    [[nodiscard]] bool refusing() const;

    net::executor loop_;
    config::database_settings settings_;
    core::logger log_;

    std::mutex mutex_;
    std::condition_variable wake_;    // threads with a session: a job, or the end
    std::condition_variable needed_;  // those without: a job that finds nobody idle, or the end
    std::deque<std::shared_ptr<read_job>> jobs_;
    std::size_t sessions_ = 0;                          // threads that have one
    std::size_t idle_ = 0;                              // of those, the ones that are free for a job
    std::chrono::steady_clock::time_point none_since_;  // when the last of them was lost
    bool down_ = false;                                 // no sessions, and the last attempt to make one failed
    bool closing_ = false;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace postern::storage
