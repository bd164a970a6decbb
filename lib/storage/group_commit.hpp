#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/pending.hpp"
#include "storage/errc.hpp"
#include "storage/figures.hpp"
#include "storage/queue_records.hpp"
#include "storage/records.hpp"

/// Group commit: many waiters, one transaction, one fsync. Nothing here knows a database; a batch_executor does.
///
/// Flow: the loop submits items; the lane's own thread takes everything pending, up to a bound, into one transaction; after the
/// commit every waiter of the batch is resumed by one function posted to the loop. While one batch commits the next gathers,
/// so the batch grows with the load and a lone message waits for nobody. Small messages that have gathered by the time a COMMIT
/// is sent may be sent behind it, so that the database does not wait for us between two batches. Pending work needs no bound of
/// its own: a caller awaits its answer, so there is at most one item per session or request, and those are limited above.
///
/// On failure: what the database refuses is rolled back and tried again one by one, so that a bad item fails alone; a
/// deadlock or a busy database is tried again as it was; a connection lost before COMMIT was sent is
/// re-opened once and the batch tried again (nothing can have been stored); lost after COMMIT was sent, every waiter of the
/// batch is told outcome_unknown and nothing is tried again, as that could store twice. While there is no connection, items are
/// answered unavailable at once and one probe at a time tries to connect, less and less often.
namespace postern::storage {

class connection;

/// One thing to be made durable and whoever waits for it. Made on the loop, worked on by the lane's thread, answered on the
/// loop.
class commit_item {
public:
    commit_item() = default;
    virtual ~commit_item() = default;
    commit_item(const commit_item&) = delete;
    commit_item& operator=(const commit_item&) = delete;

    /// Lane thread: how it went. Kept until answer(); a later call replaces an earlier one.
    void conclude(core::result<void> outcome) { outcome_ = std::move(outcome); }
    [[nodiscard]] const core::result<void>& outcome() const { return outcome_; }

    /// Loop thread: resumes the waiter with outcome().
    virtual void answer() = 0;

private:
    core::result<void> outcome_;
};

/// A message on its way into the database.
struct new_message {
    storage::delivery what;
    std::vector<queue_id> queue;             ///< for each of what.remote
    std::string response_body{};             ///< for what.response
    std::array<unsigned char, 32> sha256{};  ///< of the octets; the lane fills it before the transaction begins
};

/// What became of queue items, on its way there: see queue_store::conclude.
struct queue_conclusion {
    std::string owner;
    std::vector<queue_outcome> outcomes;
    std::vector<queue_id> lost;  ///< what was left out; the lane fills it
};

/// Messages, and what became of queue items, that are stored together or not at all.
class delivery_item final : public commit_item {
public:
    explicit delivery_item(new_message m) { messages.push_back(std::move(m)); }
    delivery_item(queue_conclusion c, std::vector<new_message> notices)
        : messages(std::move(notices)), concludes(std::move(c)) {}
    void answer() override { waiter.complete(outcome()); }

    std::vector<new_message> messages;
    queue_conclusion concludes;
    net::pending<core::result<void>> waiter;
};

/// Any other writing.
class job_item : public commit_item {
public:
    /// Lane thread, inside a transaction. An expected failure takes back what this job did, and only that.
    /// Called again after a rollback, so it must not use up what it captured.
    virtual core::result<void> perform(connection& database) = 0;
};

/// How one step against the database ended.
struct step {
    enum class ending {
        done,
        refused,   ///< by a constraint, a full disk, anything that is not below
        conflict,  ///< deadlock, serialization failure: the same again may well succeed
        timeout,   ///< a statement took too long or a lock was not to be had
        lost,      ///< no connection any more, and COMMIT was not sent
        unknown,   ///< only from commit(): COMMIT may have reached the database, its answer did not reach us
    };
    ending end = ending::done;
    std::string detail{};

    [[nodiscard]] bool ok() const { return end == ending::done; }
};

/// Gives the items whose transaction follows the one that is being committed; none, if something else comes first.
using next_items = std::function<std::span<const std::shared_ptr<delivery_item>>()>;

/// What group_commit needs of a database. Called by one thread, the first connect() apart. What a call throws counts as
/// refused, what commit() throws as unknown.
class batch_executor {
public:
    batch_executor() = default;
    virtual ~batch_executor() = default;
    batch_executor(const batch_executor&) = delete;
    batch_executor& operator=(const batch_executor&) = delete;

    /// Opens the connection, anew if there was one. done or lost.
    virtual step connect() = 0;

    /// Begins a transaction and stores the items. Concludes those our rules refuse (over_quota, some_over_quota, account_gone)
    /// and leaves them out.
    virtual step deliver(std::span<const std::shared_ptr<delivery_item>> items) = 0;

    /// Begins a transaction and performs the jobs. Concludes those that fail and takes back what they did.
    virtual step perform(std::span<const std::shared_ptr<job_item>> jobs) = 0;

    /// May call `next`, once, after COMMIT is on its way, for the items of the next transaction, and send them behind it. They
    /// come with the next deliver(), unless a rollback() comes first.
    virtual step commit(const next_items& next) = 0;

    /// After anything but a commit that is done. Leaves the connection ready for the next transaction, or lost.
    virtual void rollback() noexcept = 0;

    /// After the waiters were answered: upkeep that nobody should wait for.
    virtual void tidy() {}

    /// After a while without work, once: upkeep that may as well be done now as under load.
    virtual void rest() {}
};

struct group_limits {
    std::size_t messages = 128;                   ///< per transaction
    std::size_t octets = 4UL * 1024 * 1024;       ///< per transaction, rows counted too; a single larger message goes alone
    std::size_t jobs = 64;                        ///< per transaction
    std::size_t octets_ahead = 256UL * 1024;      ///< sent behind a COMMIT, whose answer has to wait for them
    std::chrono::microseconds company{1000};      ///< at most, waited for others to join a transaction; see crowd_
    std::chrono::milliseconds quiet{50};          ///< without work until the database may rest()
    std::size_t conflicts = 8;                    ///< how often a transaction is tried again after a conflict
    std::chrono::milliseconds conflict_pause{4};  ///< before trying again: at random up to this, doubling each time
    std::chrono::milliseconds first_pause{100};   ///< before trying to connect again, with jitter, doubling each time
    std::chrono::milliseconds last_pause{5000};   ///< up to this
};

/// One lane: a queue, a thread, a connection.
class group_commit {
public:
    /// `database` is connected, or connects with its first transaction. `loop` must outlive this object and run until every
    /// waiter was answered.
    group_commit(net::executor loop, std::unique_ptr<batch_executor> database, group_limits limits, core::logger log,
                 commit_figures figures = {});
    ~group_commit();
    group_commit(const group_commit&) = delete;
    group_commit& operator=(const group_commit&) = delete;

    /// Stores what belongs together; see message_store::deliver and queue_store::conclude. Loop thread.
    net::awaitable<core::result<void>> deliver(std::shared_ptr<delivery_item> item);

    /// Hands in a job; false, and it will not be answered, while there is no connection and after close(). Loop thread.
    [[nodiscard]] bool submit(std::shared_ptr<job_item> job);

    /// Whether submit() would take a job now.
    [[nodiscard]] bool available() const;

    /// Commits what is pending, posts the answers, ends the thread. Blocks. The loop must run on for the answers to arrive.
    void close();

private:
    template <class Item>
    using items = std::vector<std::shared_ptr<Item>>;

    void work();
    void serve();
    bool wait_for_work();
    void note_crowd(std::size_t batch);
    void wait_for_company(std::unique_lock<std::mutex>& lock);
    template <class Item>
    items<Item> take(std::deque<std::shared_ptr<Item>>& from, std::size_t most, std::size_t octets);
    items<delivery_item> next_batch();
    std::span<const std::shared_ptr<delivery_item>> gather_ahead() noexcept;

    template <class Item>
    void settle(items<Item> batch);
    template <class Item>
    void settle_one_by_one(items<Item> batch, const step& why);
    template <class Item>
    step attempt(std::span<const std::shared_ptr<Item>> batch, const next_items& next);
    template <class Item>
    step transact(std::span<const std::shared_ptr<Item>> batch, const next_items& next);
    template <class Item>
    void answer(items<Item> batch);
    void digest(items<delivery_item>& batch);

    void turn_away();
    void go_down(const std::string& detail);
    void reconnect();
    std::chrono::milliseconds at_random_up_to(std::chrono::milliseconds most);

    net::executor loop_;
    std::unique_ptr<batch_executor> database_;
    const group_limits limits_;
    core::logger log_;
    commit_figures figures_;
    items<delivery_item> ahead_;  // the next batch, if the database was given it behind a COMMIT; lane thread
    std::chrono::microseconds transaction_time_{0};  // of the last one; lane thread
    std::minstd_rand jitter_;                        // spreads retries of several processes; nothing secret

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<delivery_item>> messages_;
    std::deque<std::shared_ptr<job_item>> jobs_;
    bool available_ = true;
    bool closing_ = false;

    // A transaction costs some hundred microseconds however few messages it has. Senders that were answered together come back
    // together, so a lane that always took what is there would alternate between nearly all of them and the few that came
    // between. Where many were here at once lately, half of them are waited for: two groups, one at the database while the
    // other talks.
    std::size_t crowd_ = 0;    // messages that were here at once lately
    std::size_t wake_at_ = 1;  // so many waiting messages are worth waking the lane for
    std::thread thread_;       // last: it uses all of the above
};

}  // namespace postern::storage
