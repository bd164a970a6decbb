#include "storage/soci/read_pool.hpp"
#include "storage/soci/reconnection.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

/// How long jobs wait for the first of the sessions while nobody knows yet whether one can be made.
constexpr std::chrono::seconds patience{1};

void refuse(read_job& job, const char* why) {
    job.fail({make_error_code(errc::unavailable), why});
    job.answer();
}

}  // namespace

read_pool::read_pool(net::executor loop, config::database_settings settings, core::logger log,
                     std::unique_ptr<connection> first)
    : loop_(std::move(loop)),
      settings_(std::move(settings)),
      log_(std::move(log)),
      sessions_(first ? 1 : 0),
      idle_(sessions_),
      none_since_(std::chrono::steady_clock::now()) {
    const auto count = std::max<std::size_t>(settings_.read_sessions, 1);
    threads_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        threads_.emplace_back([this, session = std::exchange(first, nullptr)] mutable { work(std::move(session)); });
    }
}

read_pool::~read_pool() { close(); }

void read_pool::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    needed_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

bool read_pool::refusing() const {
    if (closing_) return true;
    return sessions_ == 0 && (down_ || std::chrono::steady_clock::now() - none_since_ > patience);
}

void read_pool::submit(std::shared_ptr<read_job> job) {
    {
        const std::lock_guard lock(mutex_);
        if (!refusing()) {
            jobs_.push_back(std::move(job));
            wake_.notify_one();
            if (jobs_.size() > idle_) needed_.notify_one();
            return;
        }
    }
    refuse(*job, "no connection to the database");
}

void read_pool::work(std::unique_ptr<connection> session) {
    auto length = first_pause;
    for (;;) {
        if (!session) {
            if (!wait_until_needed()) return;
            session = connect();
            if (session) be_idle();
        }
        if (!session) {
            if (!pause(length)) return;
            length = std::min(length * 2, last_pause);
            continue;
        }
        length = first_pause;
        const auto job = take();
        if (!job) return;
        serve(*job, session);
    }
}

void read_pool::serve(read_job& job, std::unique_ptr<connection>& session) {
    for (bool again = false;; again = true) {
        try {
            session->restart_deadline();
            job.perform(*session);
            be_idle();
            return job.answer();
        } catch (const std::exception& thrown) {
            const auto failure = explain(thrown);
            if (failure.code() != errc::unavailable && !session->lost()) {
                session->reset();
                job.fail(to_error(failure));
                be_idle();
                return job.answer();
            }
            disconnect(session, failure.what());
        }
        if (again) break;
        session = connect();
        if (!session) break;
    }
    refuse(job, "the connection to the database broke");
}

std::unique_ptr<connection> read_pool::connect() {
    std::string why;
    try {
        auto session = std::make_unique<connection>(settings_, access::read);
        const std::lock_guard lock(mutex_);
        ++sessions_;
        if (std::exchange(down_, false)) log_.info("database connected again", {{"for", "reading"}});
        return session;
    } catch (const std::exception& thrown) {
        why = explain(thrown).what();
    }
    std::deque<std::shared_ptr<read_job>> stranded;
    {
        const std::lock_guard lock(mutex_);
        if (sessions_ == 0) {
            if (!std::exchange(down_, true)) log_.warning("database unavailable", {{"for", "reading"}, {"reason", why}});
            stranded.swap(jobs_);
        }
    }
    for (const auto& job : stranded) refuse(*job, "no connection to the database");
    return nullptr;
}

void read_pool::disconnect(std::unique_ptr<connection>& session, const char* why) {
    log_.warning("database connection lost", {{"for", "reading"}, {"reason", why}});
    session.reset();
    const std::lock_guard lock(mutex_);
    if (--sessions_ == 0) none_since_ = std::chrono::steady_clock::now();
}

/// Before a job is answered: whoever asks for the next is not to find its thread busy still.
void read_pool::be_idle() {
    const std::lock_guard lock(mutex_);
    ++idle_;
}

std::shared_ptr<read_job> read_pool::take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
    if (jobs_.empty()) return nullptr;
    --idle_;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
}

/// False when the pool closes meanwhile.
bool read_pool::pause(std::chrono::milliseconds length) {
    std::unique_lock lock(mutex_);
    return !needed_.wait_for(lock, length, [this] { return closing_; });
}

/// False when the pool closes and what was submitted is left to others.
bool read_pool::wait_until_needed() {
    std::unique_lock lock(mutex_);
    needed_.wait(lock, [this] { return closing_ || sessions_ == 0 || jobs_.size() > idle_; });
    return !closing_ || (sessions_ == 0 && !jobs_.empty());
}

}  // namespace postern::storage
