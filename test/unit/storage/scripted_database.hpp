#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <semaphore>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include "storage/group_commit.hpp"

namespace postern::test {

/// A database made of scripts: each step ends as the next entry of its script says, well when there is none.
/// Scripts are written before the lane runs, or while it is held.
class scripted_database final : public storage::batch_executor {
public:
    using step = storage::step;
    using ending = storage::step::ending;
    using ids = std::vector<std::int64_t>;

    /// Holds the lane's thread inside its next deliver() until the result is destroyed or released.
    class hold {
    public:
        explicit hold(scripted_database& database) : database_(&database) { database.hold_next_ = true; }
        ~hold() { release(); }
        hold(const hold&) = delete;
        hold& operator=(const hold&) = delete;
        void wait_until_held() { database_->held_.acquire(); }
        void release() {
            if (std::exchange(released_, true)) return;
            database_->go_.release();
        }

    private:
        scripted_database* database_;
        bool released_ = false;
    };

    step connect() override {
        const std::lock_guard lock(mutex);
        ++connects;
        const auto ended = next(connect_script);
        if (ended.ok()) connected_ = true;
        return ended;
    }

    step deliver(std::span<const std::shared_ptr<storage::delivery_item>> items) override {
        if (hold_next_.exchange(false)) {
            held_.release();
            go_.acquire();
        }
        const std::lock_guard lock(mutex);
        if (!connected_) return {ending::lost, "not connected"};
        open_.clear();
        auto& seen = transactions.emplace_back();
        for (const auto& item : items) seen.push_back(item->messages.front().what.id.value);
        auto ended = next(deliver_script);
        for (const auto& item : items) {
            const auto id = item->messages.front().what.id.value;
            if (poison.contains(id)) ended = {ending::refused, "poison"};
            if (slow.contains(id)) ended = {ending::timeout, "slow"};
            if (full.contains(id)) {
                item->conclude(core::fail(storage::errc::over_quota));
            } else {
                open_.push_back(id);
            }
        }
        return after(ended);
    }

    step perform(std::span<const std::shared_ptr<storage::job_item>> jobs) override {
        const std::lock_guard lock(mutex);
        job_transactions.push_back(jobs.size());
        open_.clear();
        return connected_ ? after(next(perform_script)) : step{ending::lost, "not connected"};
    }

    step commit(const storage::next_items& next_batch) override {
        const std::lock_guard lock(mutex);
        if (looks_ahead) {
            auto& seen = ahead.emplace_back();
            for (const auto& item : next_batch()) seen.push_back(item->messages.front().what.id.value);
        }
        const auto ended = next(commit_script);
        ++commits;
        if (ended.ok()) stored.insert(open_.begin(), open_.end());
        open_.clear();
        return after(ended);
    }

    void rollback() noexcept override {
        const std::lock_guard lock(mutex);
        ++rollbacks;
        open_.clear();
    }

    void rest() override { rested.release(); }

    std::counting_semaphore<> rested{0};
    std::mutex mutex;  // the test holds it while it looks
    std::deque<step> connect_script, deliver_script, perform_script, commit_script;
    std::set<std::int64_t> poison;  ///< a transaction with one of these is refused
    std::set<std::int64_t> slow;    ///< or ends in a timeout
    std::set<std::int64_t> full;    ///< concluded over_quota
    std::vector<ids> transactions;  ///< the messages of every attempt
    std::vector<std::size_t> job_transactions;
    bool looks_ahead = false;  ///< whether a commit asks for what follows
    std::vector<ids> ahead;    ///< what it was given
    std::multiset<std::int64_t> stored;
    int connects = 0, commits = 0, rollbacks = 0;

    static constexpr const char* thrown = "thrown";  ///< a step with this detail throws instead

private:
    static step next(std::deque<step>& script) {
        if (script.empty()) return {};
        auto ended = std::move(script.front());
        script.pop_front();
        if (ended.detail == thrown) throw std::runtime_error(thrown);
        return ended;
    }

    step after(step ended) {
        if (ended.end == ending::lost || ended.end == ending::unknown) connected_ = false;
        return ended;
    }

    bool connected_ = true;
    ids open_;
    std::atomic<bool> hold_next_ = false;
    std::binary_semaphore held_{0}, go_{0};
};

}  // namespace postern::test
