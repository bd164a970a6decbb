#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "core/id.hpp"
#include "net/awaitable.hpp"
#include "queue/bell.hpp"
#include "storage/database.hpp"

namespace postern::queue {

/// Whose mailboxes something arrived in, for a worker that makes something of it later. Shared with the database, which may
/// tell of changes when the worker is gone.
class arrival_news {
public:
    using steady = std::chrono::steady_clock;

    /// All accounts are in it at first: something may have been left when the program ended.
    static std::shared_ptr<arrival_news> follow(net::executor loop, storage::database& database) {
        auto news = std::make_shared<arrival_news>(std::move(loop));
        database.changes().on_change([news](std::optional<storage::account_id> account) { news->hear(account); });
        return news;
    }

    explicit arrival_news(net::executor loop) : bell_(std::move(loop)) {}

    /// To be asked for again, or nullopt: all accounts.
    void add(std::optional<storage::account_id> account) {
        if (account && !all_) accounts_.insert(*account);
        if (!account || accounts_.size() > most_named) {
            all_ = true;
            accounts_.clear();
        }
        bell_.ring();
    }

    /// An account of them; nullopt: all.
    std::optional<storage::account_id> take() {
        if (std::exchange(all_, false)) return std::nullopt;
        const auto first = *accounts_.begin();
        accounts_.erase(accounts_.begin());
        return first;
    }

    [[nodiscard]] bool empty() const { return !all_ && accounts_.empty(); }

    /// Until there is some and then none for a moment, as far as there is such a moment. After `limit` all accounts are in it.
    net::awaitable<void> wait(steady::duration limit) {
        if (!co_await bell_.wait(limit)) add(std::nullopt);
        const auto latest = steady::now() + patience;
        while (steady::now() < latest && co_await bell_.wait(quiet)) continue;
    }

    /// When something was heard last.
    [[nodiscard]] steady::time_point last() const { return last_; }

private:
    static constexpr std::chrono::milliseconds quiet{100};
    static constexpr std::chrono::seconds patience{2};  // for that
    static constexpr std::size_t most_named = 20;       // accounts; more are looked for all together

    void hear(std::optional<storage::account_id> account) {
        last_ = steady::now();
        add(account);
    }

    bell bell_;
    bool all_ = true;
    std::set<storage::account_id> accounts_;
    steady::time_point last_{};
};

}  // namespace postern::queue
