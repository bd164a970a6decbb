#include "storage/soci/soci_response_store.hpp"

#include <algorithm>

#include "storage/soci/bounds.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/octet_columns.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

core::result<std::optional<kept_response>> select_response(connection& on, account_id account, const std::string& key) {
    kept_response found;
    std::string hash;
    std::int64_t status = 0;
    query row(on, "SELECT " + dialect::hex(on.kind(), "request_hash") + ", status, response, " +
                      dialect::micros(on.kind(), "created_at") +
                      " FROM idempotency WHERE account_id = :account AND key = :key");
    row.use("account", account).use("key", key).into(hash).into(status).into(found.body).into(found.created_at);
    if (!row.next()) return std::nullopt;
    found.request_sha256 = octets_from_hex<32>(hash);
    found.status = static_cast<int>(status);
    return found;
}

core::result<std::size_t> erase_before(connection& on, core::timestamp time, std::size_t limit) {
    query gone(on,
               "DELETE FROM idempotency WHERE (account_id, key) IN (SELECT account_id, key FROM idempotency"
               " WHERE created_at < " +
                   dialect::time(on.kind(), ":before") + " ORDER BY created_at LIMIT :rows)");
    return static_cast<std::size_t>(gone.use("before", time).use("rows", static_cast<std::int64_t>(limit)).run());
}

}  // namespace

net::awaitable<core::result<std::optional<kept_response>>> soci_response_store::find(account_id account, std::string key) {
    co_return co_await reads_.run(
        [account, key = std::move(key)](connection& on) { return select_response(on, account, key); });
}

net::awaitable<core::result<std::size_t>> soci_response_store::remove_before(core::timestamp time, std::size_t limit) {
    const auto most = std::clamp<std::size_t>(limit, 1, most_removed);
    co_return co_await writes_.run([time, most](connection& on) { return erase_before(on, time, most); });
}

}  // namespace postern::storage
