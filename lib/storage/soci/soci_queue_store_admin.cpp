#include "storage/soci/dialect.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/queue_item_query.hpp"
#include "storage/soci/soci_queue_store.hpp"

namespace postern::storage {
namespace {

/// A change an administrator makes to items nobody works on.
struct change {
    const char* event;
    const char* from;  ///< state
    const char* to;
    bool due;  ///< at once
};

constexpr change retry{"retried", "waiting", "waiting", true};
constexpr change holding{"held", "waiting", "held", false};
constexpr change releasing{"released", "held", "waiting", true};

void insert_events(connection& on, const std::vector<queue_id>& items, const char* kind, core::timestamp now) {
    const bool sqlite = on.kind() == backend::sqlite;
    const std::string id =
        sqlite ? "(SELECT next - 1 FROM object_id) + row_number() OVER (ORDER BY id)" : "nextval('object_id')";
    in_lists(on, items, [&](const std::string& list) {
        query insert(on, "INSERT INTO message_event (id, message_id, at, kind, recipient) SELECT " + id + ", message_id, " +
                             dialect::time(on.kind(), ":now") + ", :kind, recipient FROM queue_item WHERE id IN (" + list +
                             ")");
        const auto added = insert.use("now", now).use("kind", std::string(kind)).run();
        if (sqlite) query(on, "UPDATE object_id SET next = next + :added").use("added", added).run();
    });
}

core::result<std::size_t> apply_change(connection& on, const change& wanted, const std::vector<queue_id>& items,
                                       core::timestamp now) {
    const auto kind = on.kind();
    std::vector<queue_id> changed;
    in_lists(on, items, [&](const std::string& list) {
        queue_id id;
        query rows(on, "UPDATE queue_item SET state = :to, lease_owner = NULL, lease_until = NULL" +
                           (wanted.due ? ", next_attempt_at = " + dialect::time(kind, ":now") : "") + " WHERE id IN (" + list +
                           ") AND state = :from AND (lease_until IS NULL OR lease_until <= " + dialect::time(kind, ":now") +
                           ") RETURNING id");
        rows.use("to", std::string(wanted.to)).use("from", std::string(wanted.from)).use("now", now).into(id);
        while (rows.next()) changed.push_back(id);
    });
    insert_events(on, changed, wanted.event, now);
    if (wanted.due && !changed.empty()) notify_queue(on);
    return changed.size();
}

core::result<std::vector<queue_outcome>> removals(connection& on, const std::vector<queue_id>& items, core::timestamp now) {
    std::vector<queue_outcome> all;
    in_lists(on, items, [&](const std::string& list) {
        queue_outcome row;
        std::string recipient;
        std::optional<std::int64_t> submitted_by;
        query rows(
            on,
            "SELECT q.id, q.message_id, m.submitted_by, q.recipient FROM queue_item q JOIN message m ON m.id = q.message_id"
            " WHERE q.id IN (" +
                list + ")");
        rows.into(row.item).into(row.message).into(submitted_by).into(recipient);
        while (rows.next()) {
            row.submitted_by = submitted_by ? std::optional(account_id{*submitted_by}) : std::nullopt;
            all.emplace_back(row).events = {{now, "removed", recipient, "{}"}};
        }
    });
    return all;
}

}  // namespace

net::awaitable<core::result<std::size_t>> soci_queue_store::retry_now(std::vector<queue_id> items, core::timestamp now) {
    co_return co_await writes_.run(
        [items = std::move(items), now](connection& on) { return apply_change(on, retry, items, now); });
}

net::awaitable<core::result<std::size_t>> soci_queue_store::hold(std::vector<queue_id> items, core::timestamp now) {
    co_return co_await writes_.run(
        [items = std::move(items), now](connection& on) { return apply_change(on, holding, items, now); });
}

net::awaitable<core::result<std::size_t>> soci_queue_store::release(std::vector<queue_id> items, core::timestamp now) {
    co_return co_await writes_.run(
        [items = std::move(items), now](connection& on) { return apply_change(on, releasing, items, now); });
}

net::awaitable<core::result<std::size_t>> soci_queue_store::remove(std::vector<queue_id> items, core::timestamp now) {
    auto outcomes = co_await reads_.run([items = std::move(items), now](connection& on) { return removals(on, items, now); });
    if (!outcomes) co_return std::unexpected(outcomes.error());
    if (outcomes->empty()) co_return std::size_t{0};
    const auto found = outcomes->size();
    const auto done = co_await writes_.conclude("", *std::move(outcomes), {});
    if (!done) co_return std::unexpected(done.error());
    co_return found - done->lost.size();
}

}  // namespace postern::storage
