#include "queue/old_rows.hpp"

#include <optional>

#include "queue/bell.hpp"
#include "storage/upkeep_store.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t removed_at_once = 500;
constexpr auto between_removals = 100ms;  // for others' writes
constexpr auto removal_period = 1h;

enum class old_kind { events, changes, responses, web_sessions, logins, trash, junk };

/// How long the setting says; nullopt: for good.
std::optional<std::chrono::seconds> kept_for(old_kind what, const retention& keep) {
    const auto unless_zero = [](std::chrono::seconds time) { return time == 0s ? std::nullopt : std::optional(time); };
    switch (what) {
        case old_kind::events:
        case old_kind::changes: return unless_zero(keep.events);
        case old_kind::logins: return unless_zero(keep.logins);
        case old_kind::trash: return unless_zero(keep.trash);
        case old_kind::junk: return unless_zero(keep.junk);
        case old_kind::responses: return keep.responses;
        case old_kind::web_sessions: break;
    }
    return keep.idle_web_sessions;
}

net::awaitable<core::result<std::size_t>> remove_some(storage::database& database, old_kind what, core::timestamp now,
                                                      std::chrono::seconds age) {
    switch (what) {
        case old_kind::events: co_return co_await database.messages().remove_events_before(now - age, removed_at_once);
        case old_kind::changes: co_return co_await database.changes().remove_changes_before(now - age, removed_at_once);
        case old_kind::responses: co_return co_await database.responses().remove_before(now - age, removed_at_once);
        case old_kind::logins: co_return co_await database.upkeep().remove_logins_before(now - age, removed_at_once);
        case old_kind::trash:
        case old_kind::junk: {
            const auto role = what == old_kind::trash ? storage::mailbox_role::trash : storage::mailbox_role::junk;
            co_return co_await database.upkeep().remove_entries_before(role, now - age, removed_at_once, now);
        }
        case old_kind::web_sessions: break;
    }
    co_return co_await database.web_sessions().remove_expired(now, now - age, removed_at_once);
}

/// Mail goes account by account, so that a round may be short and not the last.
bool is_last(old_kind what, std::size_t removed) {
    return what == old_kind::trash || what == old_kind::junk ? removed == 0 : removed < removed_at_once;
}

}  // namespace

net::awaitable<void> remove_old_rows(net::executor loop, storage::database& database, const core::clock& clock, retention keep,
                                     core::logger log) {
    bell never(loop);
    for (;;) {
        for (const auto what : {old_kind::events, old_kind::changes, old_kind::responses, old_kind::web_sessions,
                                old_kind::logins, old_kind::trash, old_kind::junk}) {
            const auto age = kept_for(what, keep);
            std::size_t removed = 0;
            for (bool more = age.has_value(); more;) {
                const auto done = co_await remove_some(database, what, clock.now(), *age);
                if (!done) log.warning("old rows not removed", {{"reason", done.error().message()}});
                removed += done.value_or(0);
                more = done && !is_last(what, *done);
                if (more) co_await never.wait(between_removals);
            }
            if (removed > 0 && what == old_kind::events) log.info("old events removed", {{"events", removed}});
            if (removed > 0 && (what == old_kind::trash || what == old_kind::junk)) {
                log.info("old mail removed", {{"mailbox", what == old_kind::trash ? "Trash" : "Junk"}, {"messages", removed}});
            }
        }
        co_await never.wait(removal_period);
    }
}

}  // namespace postern::queue
