#include "queue/arrivals.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "queue/bell.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::size_t at_once = 200;
constexpr std::size_t most_named = 20;  // accounts; more are looked for all together
constexpr auto quiet = 100ms;           // without news, before the work begins
constexpr auto patience = 2s;           // for that
constexpr auto retry_after = 5s;
constexpr auto period = 10min;  // for what nobody told of
constexpr int share = 9;        // a round is followed by a pause of so many times its length

/// Shared with the database, which may tell of changes when the worker is gone.
struct waiting {
    explicit waiting(net::executor loop) : news(std::move(loop)) {}

    void add(std::optional<storage::account_id> account) {
        if (account && !all) accounts.insert(*account);
        if (!account || accounts.size() > most_named) {
            all = true;
            accounts.clear();
        }
        news.ring();
    }

    std::optional<storage::account_id> take() {
        if (std::exchange(all, false)) return std::nullopt;
        const auto first = *accounts.begin();
        accounts.erase(accounts.begin());
        return first;
    }

    [[nodiscard]] bool empty() const { return !all && accounts.empty(); }

    bell news;
    bool all = true;  // at start
    std::set<storage::account_id> accounts;
};

/// Whether it is done; false: to be tried again.
net::awaitable<bool> thread_all(storage::database& database, std::optional<storage::account_id> account, bell& pauses,
                                const core::logger& log) {
    for (;;) {
        const auto start = steady::now();
        const auto done = co_await database.mailboxes().thread_arrivals(account, at_once);
        if (!done) {
            log.warning("arrivals not threaded", {{"reason", done.error().message()}});
            co_return false;
        }
        if (*done < at_once) co_return true;
        co_await pauses.wait(share * (steady::now() - start));
    }
}

}  // namespace

net::awaitable<void> thread_arrivals(net::executor loop, storage::database& database, core::logger log) {
    const auto waits = std::make_shared<waiting>(loop);
    database.changes().on_change([waits](std::optional<storage::account_id> account) { waits->add(account); });
    bell pauses(loop);
    for (;;) {
        while (!waits->empty()) {
            const auto account = waits->take();
            if (co_await thread_all(database, account, pauses, log)) continue;
            co_await pauses.wait(retry_after);
            waits->add(account);
        }
        if (!co_await waits->news.wait(period)) waits->add(std::nullopt);
        const auto latest = steady::now() + patience;
        while (steady::now() < latest && co_await waits->news.wait(quiet)) continue;
    }
}

}  // namespace postern::queue
