#include "queue/arrivals.hpp"

#include <chrono>
#include <optional>

#include "queue/arrival_news.hpp"
#include "queue/bell.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::size_t threaded_at_once = 200;
constexpr auto threading_retried_after = 5s;
constexpr auto threading_period = 10min;  // for what nobody told of
constexpr int pause_share = 9;            // a round is followed by a pause of so many times its length

/// Whether it is done; false: to be tried again.
net::awaitable<bool> thread_all(storage::database& database, std::optional<storage::account_id> account, bell& pauses,
                                const core::logger& log) {
    for (;;) {
        const auto start = steady::now();
        const auto done = co_await database.mailboxes().thread_arrivals(account, threaded_at_once);
        if (!done) {
            log.warning("arrivals not threaded", {{"reason", done.error().message()}});
            co_return false;
        }
        if (*done < threaded_at_once) co_return true;
        co_await pauses.wait(pause_share * (steady::now() - start));
    }
}

}  // namespace

net::awaitable<void> thread_arrivals(net::executor loop, storage::database& database, core::logger log) {
    const auto news = arrival_news::follow(loop, database);
    bell pauses(loop);
    for (;;) {
        while (!news->empty()) {
            const auto account = news->take();
            if (co_await thread_all(database, account, pauses, log)) continue;
            co_await pauses.wait(threading_retried_after);
            news->add(account);
        }
        co_await news->wait(threading_period);
    }
}

}  // namespace postern::queue
