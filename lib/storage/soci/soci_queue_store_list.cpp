#include <algorithm>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/queue_columns.hpp"
#include "storage/soci/queue_item_query.hpp"
#include "storage/soci/soci_queue_store.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t most_items = 1'000;

std::string condition(backend on, const queue_store::filter& f) {
    std::string all = "WHERE q.id > :after";
    if (f.destination) all += " AND q.destination = :destination";
    if (f.sender) all += " AND lower(m.reverse_path) = lower(:sender)";
    if (f.recipient) all += " AND lower(q.recipient) = lower(:recipient)";
    if (f.state) all += " AND q.state = :state";
    if (f.message) all += " AND q.message_id = :message";
    if (f.created_before) all += " AND q.created_at < " + dialect::time(on, ":before");
    return all + " ORDER BY q.id LIMIT :limit";
}

core::result<std::vector<queue_item>> select_items(connection& on, const queue_store::filter& f) {
    queue_item_query rows(on, condition(on.kind(), f));
    auto& given = rows.parameters();
    given.use("after", f.after.value_or(queue_id{}));
    given.use("limit", static_cast<std::int64_t>(std::clamp<std::size_t>(f.limit, 1, most_items)));
    if (f.destination) given.use("destination", *f.destination);
    if (f.sender) given.use("sender", *f.sender);
    if (f.recipient) given.use("recipient", *f.recipient);
    if (f.state) given.use("state", std::string(to_column(*f.state)));
    if (f.message) given.use("message", *f.message);
    if (f.created_before) given.use("before", *f.created_before);
    std::vector<queue_item> items;
    while (auto item = rows.next()) items.push_back(*std::move(item));
    return items;
}

core::result<queue_item> select_item(connection& on, queue_id id) {
    queue_item_query row(on, "WHERE q.id = :id");
    row.parameters().use("id", id);
    if (auto item = row.next()) return *std::move(item);
    return core::fail(errc::not_found, fmt::format("there is no queue item {}", id.value));
}

/// Each number comes out of an index, without a row being read: what waits is asked for often.
core::result<queue_depth> select_depth(connection& on) {
    queue_depth found;
    std::int64_t all = 0;
    query row(on,
              "SELECT (SELECT count(*) FROM queue_item), (SELECT count(*) FROM queue_item WHERE state = 'waiting'), (SELECT " +
                  dialect::micros(on.kind(), "created_at") + " FROM queue_item ORDER BY id LIMIT 1)");
    row.into(all).into(found.waiting).into(found.oldest).next();
    found.held = all - found.waiting;
    return found;
}

}  // namespace

net::awaitable<core::result<std::vector<queue_item>>> soci_queue_store::list(filter f) {
    co_return co_await reads_.run([f = std::move(f)](connection& on) { return select_items(on, f); });
}

net::awaitable<core::result<queue_item>> soci_queue_store::find(queue_id id) {
    co_return co_await reads_.run([id](connection& on) { return select_item(on, id); });
}

net::awaitable<core::result<queue_depth>> soci_queue_store::depth() { co_return co_await reads_.run(select_depth); }

}  // namespace postern::storage
