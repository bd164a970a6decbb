#include "queue/old_rows.hpp"

#include <optional>

#include "queue/bell.hpp"
#include "storage/upkeep_store.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t at_once = 500;
constexpr auto between = 100ms;  // for others' writes
constexpr auto period = 1h;

enum class kind { events, changes, responses, web_sessions, logins, trash, junk };

/// How long the setting says; nullopt: for good.
std::optional<std::chrono::seconds> kept_for(kind what, const retention& keep) {
    const auto unless_zero = [](std::chrono::seconds time) { return time == 0s ? std::nullopt : std::optional(time); };
    switch (what) {
        case kind::events:
        case kind::changes: return unless_zero(keep.events);
        case kind::logins: return unless_zero(keep.logins);
        case kind::trash: return unless_zero(keep.trash);
        case kind::junk: return unless_zero(keep.junk);
        case kind::responses: return keep.responses;
        case kind::web_sessions: break;
    }
    return keep.idle_web_sessions;
}

net::awaitable<core::result<std::size_t>> remove_some(storage::database& database, kind what, core::timestamp now,
                                                      std::chrono::seconds age) {
    switch (what) {
        case kind::events: co_return co_await database.messages().remove_events_before(now - age, at_once);
        case kind::changes: co_return co_await database.changes().remove_changes_before(now - age, at_once);
        case kind::responses: co_return co_await database.responses().remove_before(now - age, at_once);
        case kind::logins: co_return co_await database.upkeep().remove_logins_before(now - age, at_once);
        case kind::trash:
        case kind::junk: {
            const auto role = what == kind::trash ? storage::mailbox_role::trash : storage::mailbox_role::junk;
            co_return co_await database.upkeep().remove_entries_before(role, now - age, at_once, now);
        }
        case kind::web_sessions: break;
    }
    co_return co_await database.web_sessions().remove_expired(now, now - age, at_once);
}

/// Mail goes account by account, so that a round may be short and not the last.
bool is_last(kind what, std::size_t removed) {
    return what == kind::trash || what == kind::junk ? removed == 0 : removed < at_once;
}

}  // namespace

net::awaitable<void> remove_old_rows(net::executor loop, storage::database& database, const core::clock& clock, retention keep,
                                     core::logger log) {
    bell never(loop);
    for (;;) {
        for (const auto what :
             {kind::events, kind::changes, kind::responses, kind::web_sessions, kind::logins, kind::trash, kind::junk}) {
            const auto age = kept_for(what, keep);
            std::size_t removed = 0;
            for (bool more = age.has_value(); more;) {
                const auto done = co_await remove_some(database, what, clock.now(), *age);
                if (!done) log.warning("old rows not removed", {{"reason", done.error().message()}});
                removed += done.value_or(0);
                more = done && !is_last(what, *done);
                if (more) co_await never.wait(between);
            }
            if (removed > 0 && what == kind::events) log.info("old events removed", {{"events", removed}});
            if (removed > 0 && (what == kind::trash || what == kind::junk)) {
                log.info("old mail removed", {{"mailbox", what == kind::trash ? "Trash" : "Junk"}, {"messages", removed}});
            }
        }
        co_await never.wait(period);
    }
}

}  // namespace postern::queue
