#include "queue/old_rows.hpp"

#include "queue/bell.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t at_once = 500;
constexpr auto between = 100ms;  // for others' writes
constexpr auto period = 1h;

enum class kind { events, changes, responses, web_sessions };

net::awaitable<core::result<std::size_t>> remove_some(storage::database& database, kind what, core::timestamp now,
                                                      const retention& keep) {
    switch (what) {
        case kind::events: co_return co_await database.messages().remove_events_before(now - keep.events, at_once);
        case kind::changes: co_return co_await database.changes().remove_changes_before(now - keep.events, at_once);
        case kind::responses: co_return co_await database.responses().remove_before(now - keep.responses, at_once);
        case kind::web_sessions: break;
    }
    co_return co_await database.web_sessions().remove_expired(now, now - keep.idle_web_sessions, at_once);
}

}  // namespace

net::awaitable<void> remove_old_rows(net::executor loop, storage::database& database, const core::clock& clock, retention keep,
                                     core::logger log) {
    bell never(loop);
    for (;;) {
        for (const auto what : {kind::events, kind::changes, kind::responses, kind::web_sessions}) {
            if (keep.events == 0s && (what == kind::events || what == kind::changes)) continue;
            std::size_t removed = 0;
            for (bool more = true; more;) {
                const auto done = co_await remove_some(database, what, clock.now(), keep);
                if (!done) log.warning("old rows not removed", {{"reason", done.error().message()}});
                removed += done.value_or(0);
                more = done && *done == at_once;
                if (more) co_await never.wait(between);
            }
            if (removed > 0 && what == kind::events) log.info("old events removed", {{"events", removed}});
        }
        co_await never.wait(period);
    }
}

}  // namespace postern::queue
