#include "queue/event_retention.hpp"

#include "queue/bell.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t at_once = 500;
constexpr auto between = 100ms;  // for others' writes
constexpr auto period = 1h;

}  // namespace

net::awaitable<void> remove_old_events(net::executor loop, storage::message_store& messages, const core::clock& clock,
                                       std::chrono::seconds retention, core::logger log) {
    bell never(loop);
    for (;;) {
        std::size_t removed = 0;
        for (bool more = true; more;) {
            const auto done = co_await messages.remove_events_before(clock.now() - retention, at_once);
            if (!done) log.warning("old events not removed", {{"reason", done.error().message()}});
            removed += done.value_or(0);
            more = done && *done == at_once;
            if (more) co_await never.wait(between);
        }
        if (removed > 0) log.info("old events removed", {{"events", removed}});
        co_await never.wait(period);
    }
}

}  // namespace postern::queue
