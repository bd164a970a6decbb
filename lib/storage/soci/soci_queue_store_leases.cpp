#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "storage/soci/dialect.hpp"
#include "storage/soci/id_list.hpp"
#include "storage/soci/queue_item_query.hpp"
#include "storage/soci/soci_queue_store.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t most_claimed = 1'000;

std::string json_texts(backend on, const std::string& parameter) {
    return on == backend::sqlite ? "(SELECT value FROM json_each(" + parameter + "))"
                                 : "(SELECT jsonb_array_elements_text(" + dialect::json(on, parameter) + "))";
}

core::result<std::vector<queue_item>> lease(connection& on, const queue_store::claim_request& request) {
    const auto kind = on.kind();
    std::vector<queue_id> ids;
    queue_id id;
    const auto now = dialect::time(kind, ":now");
    const auto free = "SELECT q.id, q.message_id FROM queue_item q WHERE q.state = 'waiting' AND q.next_attempt_at <= " + now +
                      " AND (q.lease_until IS NULL OR q.lease_until <= " + now + ")" +
                      (request.not_to.empty() ? "" : " AND q.destination NOT IN " + json_texts(kind, ":not_to"));
    query rows(on, "WITH due AS (" + free + " ORDER BY q.next_attempt_at LIMIT :limit" + dialect::skip_locked(kind) +
                       "), whole AS (" + free + " AND q.message_id IN (SELECT message_id FROM due)" +
                       dialect::skip_locked(kind) + ") UPDATE queue_item SET lease_owner = :owner, lease_until = " +
                       dialect::time(kind, ":until") + " WHERE id IN (SELECT id FROM whole) RETURNING id");
    rows.use("owner", request.owner).use("until", request.lease_until).use("now", request.now);
    rows.use("limit", static_cast<std::int64_t>(std::clamp<std::size_t>(request.limit, 1, most_claimed))).into(id);
    if (!request.not_to.empty()) {
        rows.use("not_to", boost::json::serialize(boost::json::array(request.not_to.begin(), request.not_to.end())));
    }
    while (rows.next()) ids.push_back(id);

    std::vector<queue_item> items;
    in_lists(on, ids, [&](const std::string& list) {
        queue_item_query leased(on, "WHERE q.id IN (" + list + ")");
        while (auto item = leased.next()) items.push_back(*std::move(item));
    });
    std::ranges::sort(items, {}, [](const queue_item& item) { return std::pair(item.next_attempt_at, item.id); });
    return items;
}

core::result<std::vector<queue_id>> prolong(connection& on, const std::string& owner, const std::vector<queue_id>& items,
                                            core::timestamp until) {
    std::vector<queue_id> ours;
    in_lists(on, items, [&](const std::string& list) {
        queue_id id;
        query rows(on, "UPDATE queue_item SET lease_until = " + dialect::time(on.kind(), ":until") + " WHERE id IN (" + list +
                           ") AND lease_owner = :owner RETURNING id");
        rows.use("until", until).use("owner", owner).into(id);
        while (rows.next()) ours.push_back(id);
    });
    std::ranges::sort(ours);
    return ours;
}

core::result<void> give_back(connection& on, const std::string& owner) {
    query update(on, "UPDATE queue_item SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = :owner");
    if (update.use("owner", owner).run() > 0) notify_queue(on);
    return {};
}

std::optional<core::timestamp> first(connection& on, const std::string& sql, std::optional<core::timestamp> now) {
    std::optional<core::timestamp> at;
    query row(on, sql);
    if (now) row.use("now", *now);
    row.into(at).next();
    return at;
}

core::result<std::optional<core::timestamp>> select_next_due(connection& on, core::timestamp now) {
    // In order of the index; what it passes over on its way is under a lease, and so not much.
    const auto free = first(on,
                            "SELECT " + dialect::micros(on.kind(), "next_attempt_at") +
                                " FROM queue_item WHERE state = 'waiting' AND lease_until IS NULL"
                                " ORDER BY queue_item.next_attempt_at LIMIT 1",
                            std::nullopt);
    if (free && *free <= now) return free;
    // All that was due is leased: whose lease ends first?
    const auto leased =
        first(on,
              "SELECT " + dialect::micros(on.kind(), "min(lease_until)") +
                  " FROM queue_item WHERE state = 'waiting' AND lease_until IS NOT NULL AND next_attempt_at <= " +
                  dialect::time(on.kind(), ":now"),
              now);
    if (free && leased) return std::min(*free, *leased);
    return free ? free : leased;
}

}  // namespace

void notify_queue(connection& on) {
    if (on.kind() == backend::postgresql) on.execute("NOTIFY postern_queue");
}

net::awaitable<core::result<std::vector<queue_item>>> soci_queue_store::claim(claim_request request) {
    co_return co_await writes_.run([request = std::move(request)](connection& on) { return lease(on, request); });
}

net::awaitable<core::result<std::vector<queue_id>>> soci_queue_store::renew(std::string owner, std::vector<queue_id> items,
                                                                            core::timestamp lease_until) {
    co_return co_await writes_.run([owner = std::move(owner), items = std::move(items), lease_until](connection& on) {
        return prolong(on, owner, items, lease_until);
    });
}

net::awaitable<core::result<concluded>> soci_queue_store::conclude(std::string owner, std::vector<queue_outcome> outcomes,
                                                                   std::vector<delivery> notices) {
    return writes_.conclude(std::move(owner), std::move(outcomes), std::move(notices));
}

net::awaitable<core::result<void>> soci_queue_store::release_leases(std::string owner) {
    co_return co_await writes_.run([owner = std::move(owner)](connection& on) { return give_back(on, owner); });
}

net::awaitable<core::result<std::optional<core::timestamp>>> soci_queue_store::next_due(core::timestamp now) {
    co_return co_await reads_.run([now](connection& on) { return select_next_due(on, now); });
}

void soci_queue_store::on_wake(std::move_only_function<void()> woken) { hub_.on_wake(std::move(woken)); }

}  // namespace postern::storage
