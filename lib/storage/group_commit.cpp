#include "storage/group_commit.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "storage/digest.hpp"

namespace postern::storage {
namespace {

using ending = step::ending;

/// What an item takes of a transaction's bound: its octets, and something for each row it becomes.
std::size_t weight(const delivery_item& item) {
    constexpr std::size_t row = 512;
    std::size_t total = row * item.concludes.outcomes.size();
    for (const auto& [what, queue, response, sha256] : item.messages) {
        total += what.octets->size() + row * (1 + what.local.size() + what.remote.size() + what.events.size());
    }
    return total;
}

std::size_t weight(const job_item&) { return 0; }

bool in_memory(const delivery_item& item) {
    return std::ranges::all_of(item.messages, [](const new_message& m) { return m.what.octets->in_memory().has_value(); });
}

step store(batch_executor& database, std::span<const std::shared_ptr<delivery_item>> batch) { return database.deliver(batch); }
step store(batch_executor& database, std::span<const std::shared_ptr<job_item>> batch) { return database.perform(batch); }

/// What a waiter is told when its transaction ended otherwise than well.
std::unexpected<core::error> told(const step& ended) {
    switch (ended.end) {
        case ending::lost: return core::fail(errc::unavailable, ended.detail);
        case ending::unknown: return core::fail(errc::outcome_unknown, ended.detail);
        default: return core::fail(errc::failed, ended.detail);
    }
}

/// Items our own rules refused keep their verdict whatever became of the transaction: they were not in it.
template <class Item>
void conclude_others(std::span<const std::shared_ptr<Item>> batch, const step& ended) {
    for (const auto& item : batch) {
        if (item->outcome()) item->conclude(told(ended));
    }
}

std::span<const std::shared_ptr<delivery_item>> no_items() { return {}; }

template <class F>
step guarded(F call, ending if_it_throws) {
    try {
        return call();
    } catch (const std::exception& thrown) {
        return {if_it_throws, thrown.what()};
    }
}

}  // namespace

group_commit::group_commit(net::executor loop, std::unique_ptr<batch_executor> database, group_limits limits, core::logger log,
                           commit_figures figures)
    : loop_(std::move(loop)),
      database_(std::move(database)),
      limits_(limits),
      log_(std::move(log)),
      figures_(figures),
      jitter_(std::random_device{}()),
      thread_(&group_commit::work, this) {}

group_commit::~group_commit() { close(); }

net::awaitable<core::result<void>> group_commit::deliver(std::shared_ptr<delivery_item> item) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (!available_) co_return core::fail(errc::unavailable, "no connection to the database");
        messages_.push_back(item);
        wake = messages_.size() >= wake_at_;
    }
    if (wake) wake_.notify_one();
    co_return co_await item->waiter.wait();
}

bool group_commit::submit(std::shared_ptr<job_item> job) {
    {
        const std::lock_guard lock(mutex_);
        if (!available_) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

bool group_commit::available() const {
    const std::lock_guard lock(mutex_);
    return available_;
}

void group_commit::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        available_ = false;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void group_commit::work() {
    while (wait_for_work()) {
        serve();
        guarded([this] { return database_->tidy(), step{}; }, ending::refused);
    }
}

/// False at the end: closing and nothing left.
bool group_commit::wait_for_work() {
    std::unique_lock lock(mutex_);
    const auto pending = [this] { return !ahead_.empty() || !messages_.empty() || !jobs_.empty(); };
    const auto woken = [&] { return closing_ || pending(); };
    if (!wake_.wait_for(lock, limits_.quiet, woken)) {
        lock.unlock();
        guarded([this] { return database_->rest(), step{}; }, ending::refused);
        lock.lock();
        wake_.wait(lock, woken);
    }
    if (ahead_.empty()) wait_for_company(lock);
    return pending();
}

/// Never longer than the better part of what a transaction takes, which is what coming too early costs.
void group_commit::wait_for_company(std::unique_lock<std::mutex>& lock) {
    const auto half = std::min(crowd_ / 2, limits_.messages);
    const auto enough = [this, half] { return closing_ || !jobs_.empty() || messages_.size() >= half; };
    if (half < 2 || enough()) return;
    wake_at_ = half;
    wake_.wait_for(lock, std::min(transaction_time_ * 3 / 4, limits_.company), enough);
    wake_at_ = 1;
}

/// Messages and jobs in turn, each kind in transactions of its own: a job may hold other locks than a delivery does.
/// A batch the database was already given comes before any job: its transaction has begun.
void group_commit::serve() {
    settle(next_batch());
    if (ahead_.empty()) settle(take(jobs_, limits_.jobs, limits_.octets));
}

group_commit::items<delivery_item> group_commit::next_batch() {
    if (!ahead_.empty()) return std::exchange(ahead_, {});
    auto batch = take(messages_, limits_.messages, limits_.octets);
    digest(batch);
    return batch;
}

/// Not while a job waits its turn, and nothing large: the batch that commits is answered only when this has been sent. Nothing
/// that has to be read from a file either: if that fails, it must not be the other batch's misfortune.
std::span<const std::shared_ptr<delivery_item>> group_commit::gather_ahead() noexcept {
    if (ahead_.empty()) {
        std::size_t ready = 0;
        {
            std::unique_lock lock(mutex_);
            wait_for_company(lock);
            if (!jobs_.empty() || messages_.empty() || weight(*messages_.front()) > limits_.octets_ahead) return {};
            const auto end = std::ranges::find_if_not(messages_, [](const auto& item) { return in_memory(*item); });
            ready = static_cast<std::size_t>(end - messages_.begin());
        }
        ahead_ = take(messages_, std::min(ready, limits_.messages), limits_.octets_ahead);
        digest(ahead_);
    }
    return ahead_;
}

template <class Item>
group_commit::items<Item> group_commit::take(std::deque<std::shared_ptr<Item>>& from, std::size_t most, std::size_t octets) {
    items<Item> taken;
    std::size_t total = 0;
    const std::lock_guard lock(mutex_);
    while (!from.empty() && taken.size() < most) {
        total += weight(*from.front());
        if (total > octets && !taken.empty()) break;
        taken.push_back(std::move(from.front()));
        from.pop_front();
    }
    return taken;
}

/// Before the transaction, so that it is not held open while a spool file is read for the first time. A message whose medium
/// fails is answered here.
void group_commit::digest(items<delivery_item>& batch) {
    items<delivery_item> unreadable;
    std::erase_if(batch, [&unreadable](const std::shared_ptr<delivery_item>& item) {
        try {
            for (auto& message : item->messages) message.sha256 = sha256(*message.what.octets);
            return false;
        } catch (const std::exception& thrown) {
            item->conclude(core::fail(errc::failed, thrown.what()));
            unreadable.push_back(item);
            return true;
        }
    });
    if (!unreadable.empty()) answer(std::move(unreadable));
}

template <class Item>
void group_commit::settle(items<Item> batch) {
    if (batch.empty()) return;
    const auto start = std::chrono::steady_clock::now();
    const auto ended = attempt<Item>(batch, [this] { return gather_ahead(); });
    transaction_time_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    note_crowd(batch.size());
    if (batch.size() > 1 && (ended.end == ending::refused || ended.end == ending::conflict || ended.end == ending::timeout)) {
        return settle_one_by_one(std::move(batch), ended);
    }
    if (!ended.ok()) {
        log_.warning("not stored", {{"items", batch.size()}, {"why", ended.detail}});
        conclude_others<Item>(batch, ended);
    }
    if (ended.end == ending::lost) turn_away();
    answer(std::move(batch));
    if (ended.end == ending::lost) go_down(ended.detail);
}

void group_commit::note_crowd(std::size_t batch) {
    const std::lock_guard lock(mutex_);
    crowd_ = std::max(batch + ahead_.size() + messages_.size(), crowd_ * 3 / 4);
}

/// Each item is answered after its own transaction. One that times out ends it: were each of them given its time, one lock
/// held by somebody would keep this lane busy for a hundred times that long.
template <class Item>
void group_commit::settle_one_by_one(items<Item> batch, const step& why) {
    log_.warning("batch failed, trying its items one by one", {{"items", batch.size()}, {"why", why.detail}});
    step ended;
    for (auto& item : batch) {
        const std::span<const std::shared_ptr<Item>> alone(&item, 1);
        if (ended.end != ending::lost && ended.end != ending::timeout) {
            ended = attempt<Item>(alone, no_items);
            if (!ended.ok()) log_.warning("not stored", {{"items", 1}, {"why", ended.detail}});
            if (ended.end == ending::lost) turn_away();
        }
        if (!ended.ok()) conclude_others<Item>(alone, ended);
        answer(items<Item>{item});
    }
    if (ended.end == ending::lost) go_down(ended.detail);
}

/// One transaction for `batch`, tried again where that cannot store anything twice.
template <class Item>
step group_commit::attempt(std::span<const std::shared_ptr<Item>> batch, const next_items& next) {
    auto pause = limits_.conflict_pause;
    bool reconnected = false;
    for (std::size_t conflicts = 0;;) {
        const auto start = std::chrono::steady_clock::now();
        auto ended = transact(batch, next);
        if (ended.ok()) {
            figures_.items.observe(static_cast<double>(batch.size()));
            figures_.seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
            return ended;
        }
        figures_.failed.add();
        database_->rollback();
        if (ended.end == ending::conflict && conflicts++ < limits_.conflicts) {
            std::this_thread::sleep_for(at_random_up_to(pause));
            pause *= 2;
        } else if (ended.end == ending::lost && !std::exchange(reconnected, true)) {
            log_.warning("database connection lost, connecting again", {{"why", ended.detail}});
            ended = guarded([this] { return database_->connect(); }, ending::lost);
            if (!ended.ok()) return ended;
        } else {
            return ended;
        }
    }
}

template <class Item>
step group_commit::transact(std::span<const std::shared_ptr<Item>> batch, const next_items& next) {
    for (const auto& item : batch) item->conclude({});
    auto stored = guarded([&] { return store(*database_, batch); }, ending::refused);
    if (!stored.ok()) return stored;
    if (std::ranges::none_of(batch, [](const auto& item) { return item->outcome().has_value(); })) {
        database_->rollback();  // every item was refused: there is nothing whose commit could fail
        return {};
    }
    return guarded([&] { return database_->commit(next); }, ending::unknown);
}

/// One function on the loop for the whole batch: waking the loop costs more than resuming a waiter.
template <class Item>
void group_commit::answer(items<Item> batch) {
    boost::asio::post(loop_, [batch = std::move(batch)] {
        for (const auto& item : batch) item->answer();
    });
}

/// Before the first waiter is told unavailable, so that none who tries again at once is queued behind a dead connection.
void group_commit::turn_away() {
    const std::lock_guard lock(mutex_);
    available_ = false;
}

/// Answers everybody who still waits, and comes back when there is a connection again or the lane closes.
void group_commit::go_down(const std::string& detail) {
    items<delivery_item> messages;
    items<job_item> jobs;
    {
        const std::lock_guard lock(mutex_);
        messages = std::exchange(ahead_, {});
        messages.insert(messages.end(), messages_.begin(), messages_.end());
        jobs.assign(jobs_.begin(), jobs_.end());
        messages_.clear();
        jobs_.clear();
    }
    log_.error("database unavailable", {{"why", detail}});
    const step lost{ending::lost, detail};
    for (const auto& item : messages) item->conclude(told(lost));
    for (const auto& item : jobs) item->conclude(told(lost));
    answer(std::move(messages));
    answer(std::move(jobs));
    reconnect();
}

void group_commit::reconnect() {
    for (auto pause = limits_.first_pause;; pause = std::min(pause * 2, limits_.last_pause)) {
        {
            std::unique_lock lock(mutex_);
            // Half of the pause is certain, half is chance: processes that lost the database together do not return together.
            if (wake_.wait_for(lock, pause / 2 + at_random_up_to(pause / 2), [this] { return closing_; })) return;
        }
        const auto connected = guarded([this] { return database_->connect(); }, ending::lost);
        if (!connected.ok()) {
            log_.debug("database still unavailable", {{"why", connected.detail}});
            continue;
        }
        log_.info("database available again");
        const std::lock_guard lock(mutex_);
        available_ = !closing_;
        return;
    }
}

std::chrono::milliseconds group_commit::at_random_up_to(std::chrono::milliseconds most) {
    return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(jitter_));
}

}  // namespace postern::storage
