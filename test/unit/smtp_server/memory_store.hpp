#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>

#include "net/pending.hpp"
#include "storage/errc.hpp"
#include "storage/message_store.hpp"

namespace postern::test {

/// Keeps deliveries in memory, fails when told to, and holds commits back when told to. Asked from any thread.
class memory_store final : public storage::message_store {
public:
    explicit memory_store(net::executor loop) : loop_(loop) {}

    [[nodiscard]] std::vector<storage::delivery> delivered() const {
        const std::scoped_lock lock(mutex_);
        return delivered_;
    }

    void fail_ids(std::optional<storage::errc> with) {
        const std::scoped_lock lock(mutex_);
        ids_fail_ = with;
    }

    void fail_deliveries(std::optional<storage::errc> with) {
        const std::scoped_lock lock(mutex_);
        deliveries_fail_ = with;
    }

    /// Commits wait until release().
    void hold() {
        const std::scoped_lock lock(mutex_);
        holding_ = true;
    }

    void release() {
        boost::asio::post(loop_, [this] {
            std::vector<std::shared_ptr<net::pending<bool>>> waiting;
            {
                const std::scoped_lock lock(mutex_);
                holding_ = false;
                waiting.swap(held_);
            }
            for (const auto& each : waiting) each->complete(true);
        });
    }

    [[nodiscard]] std::size_t held() const {
        const std::scoped_lock lock(mutex_);
        return held_.size();
    }

    net::awaitable<core::result<core::message_id>> next_id() override {
        const std::scoped_lock lock(mutex_);
        if (ids_fail_) co_return core::fail(*ids_fail_);
        co_return core::message_id{next_++};
    }

    net::awaitable<core::result<storage::delivered>> deliver(storage::delivery d) override {
        if (const auto wait = place_to_wait()) co_await wait->wait();
        const std::scoped_lock lock(mutex_);
        if (deliveries_fail_) co_return core::fail(*deliveries_fail_);
        storage::delivered done;
        for (std::size_t left = d.remote.size(); left > 0; --left) done.queue.push_back({next_++});
        delivered_.push_back(std::move(d));
        co_return done;
    }

    net::awaitable<core::result<std::vector<storage::mailbox>>> list_mailboxes(core::account_id) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<storage::entry_page>> list_entries(core::account_id, core::mailbox_id,
                                                                   std::optional<std::int64_t>, std::size_t) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<storage::entry>> find_entry(core::account_id, std::int64_t) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<std::shared_ptr<const core::content>>> read_content(core::message_id, std::uint64_t) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<storage::message_trace>> trace(core::message_id) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<std::vector<storage::message_event>>> list_events(core::account_id, std::int64_t) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<std::vector<storage::message_trace>>> list_traces(trace_filter) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<std::vector<core::entry_id>>> find_by_message_id(core::account_id, std::string) override {
        co_return core::fail(storage::errc::failed);
    }
    net::awaitable<core::result<std::size_t>> remove_events_before(core::timestamp, std::size_t) override {
        co_return core::fail(storage::errc::failed);
    }

private:
    std::shared_ptr<net::pending<bool>> place_to_wait() {
        const std::scoped_lock lock(mutex_);
        if (!holding_) return nullptr;
        return held_.emplace_back(std::make_shared<net::pending<bool>>());
    }

    net::executor loop_;
    mutable std::mutex mutex_;
    std::vector<storage::delivery> delivered_;
    std::vector<std::shared_ptr<net::pending<bool>>> held_;
    std::optional<storage::errc> ids_fail_;
    std::optional<storage::errc> deliveries_fail_;
    bool holding_ = false;
    std::int64_t next_ = 1;
};

}  // namespace postern::test
