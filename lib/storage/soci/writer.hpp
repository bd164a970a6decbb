#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "config/settings.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/pending.hpp"
#include "storage/database.hpp"
#include "storage/errc.hpp"
#include "storage/group_commit.hpp"
#include "storage/queue_records.hpp"
#include "storage/records.hpp"

namespace postern::storage {

class connection;

/// Everything that writes to the database goes through here: group commit in three lanes, each a thread with its own
/// connection.
///
/// Jobs and messages up to 1 MiB share the first lane, one transaction for all that is pending; larger messages take the second
/// one by one, so that 25 MB of somebody's holiday do not hold up everybody's one-line answers. The third is for what follows a
/// delivery and may take its time. See group_commit.hpp for what happens on failure. Every call answers unavailable at once
/// while there is no connection and after close().
class writer {
public:
    /// `connects`: whether the lanes do so now, or each with its first transaction. Blocks. unavailable, failed. `loop`
    /// outlives the writer and runs until all waiters are answered.
    [[nodiscard]] static core::result<std::unique_ptr<writer>> open(net::executor loop,
                                                                    const config::database_settings& settings, core::logger log,
                                                                    write_figures figures = {},
                                                                    connecting connects = connecting::at_once);
    ~writer();
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    /// Runs `work(connection&)`, which returns a core::result<T>, in a transaction, and answers with it after the commit. The
    /// transaction is shared with other jobs, each under its own savepoint: `work` never says BEGIN, COMMIT or ROLLBACK itself.
    /// A failing result, or an exception, takes back what this work did and nothing else.
    /// `work` owns what it uses, and is CALLED AGAIN after a conflict or a lost connection: it must not move from its captures.
    template <class F, class R = std::invoke_result_t<F&, connection&>>
    net::awaitable<R> run(F work) {
        auto item = std::make_shared<job<R, F>>(std::move(work));
        if (!submit(item)) co_return core::fail(errc::unavailable, "no connection to the database");
        co_return co_await item->waiter.wait();
    }

    /// The same in the lane of messages of `octets`: for work that stores one.
    template <class F, class R = std::invoke_result_t<F&, connection&>>
    net::awaitable<R> run_storing(std::uint64_t octets, F work) {
        auto item = std::make_shared<job<R, F>>(std::move(work));
        if (!submit_storing(octets, item)) co_return core::fail(errc::unavailable, "no connection to the database");
        co_return co_await item->waiter.wait();
    }

    /// The same in a lane of its own, for what nobody is kept waiting by: see background_lane. A value does not mean durable.
    template <class F, class R = std::invoke_result_t<F&, connection&>>
    net::awaitable<R> run_behind(F work) {
        auto item = std::make_shared<job<R, F>>(std::move(work));
        if (!submit_behind(item)) co_return core::fail(errc::unavailable, "no connection to the database");
        co_return co_await item->waiter.wait();
    }

    /// Hands in a job that nobody awaits; false, and it will not be answered, while there is no connection and after close().
    [[nodiscard]] bool submit(std::shared_ptr<job_item> job);

    /// Whether every lane has a connection, as far as it has noticed. Loop thread.
    [[nodiscard]] bool available() const;

    /// Calls `committed` on the loop, after the commit, for each account that a delivery or an outcome concerns.
    void on_commit(std::function<void(account_id)> committed) { committed_ = std::move(committed); }

    /// As message_store::deliver.
    net::awaitable<core::result<delivered>> deliver(storage::delivery d);

    /// As queue_store::conclude.
    net::awaitable<core::result<concluded>> conclude(std::string owner, std::vector<queue_outcome> outcomes,
                                                     std::vector<storage::delivery> notices);

    /// As message_store::next_id.
    net::awaitable<core::result<message_id>> next_id();

    /// Commits and answers what is pending, then joins the threads. Blocks; also done by the destructor.
    void close();

private:
    template <class R, class F>
    class job final : public job_item {
    public:
        explicit job(F work) : work_(std::move(work)) {}

        core::result<void> perform(connection& database) override {
            done_.emplace(work_(database));
            if (*done_) return {};
            return std::unexpected(done_->error());
        }

        void answer() override {
            if (outcome()) {
                waiter.complete(std::move(*done_));
            } else {
                waiter.complete(std::unexpected(outcome().error()));
            }
        }

        net::pending<R> waiter;

    private:
        F work_;
        std::optional<R> done_;
    };

    class lanes;

    writer(std::unique_ptr<lanes> opened, write_figures figures);
    [[nodiscard]] bool submit_storing(std::uint64_t octets, std::shared_ptr<job_item> job);
    [[nodiscard]] bool submit_behind(std::shared_ptr<job_item> job);
    net::awaitable<core::result<std::vector<queue_id>>> queue_ids(std::size_t count);

    void tell_of(const delivery_item& item) const;

    std::unique_ptr<lanes> lanes_;
    write_figures figures_;
    std::function<void(account_id)> committed_;
};

}  // namespace postern::storage
