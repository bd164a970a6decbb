#include <fmt/format.h>

#include "storage/soci/query.hpp"
#include "storage/soci/soci_directory.hpp"

namespace postern::storage {
namespace {

core::result<route::destination> select_caretaker(connection& on, const std::string& domain) {
    route::destination to;
    query row(on,
              "SELECT t.id, a.local_part, d.name, CAST(t.password_hash IS NOT NULL AS integer), CAST(t.admin AS integer),"
              " t.quota_limit, t.quota_used"
              " FROM account t JOIN address a ON a.id = t.id JOIN domain d ON d.id = a.domain_id WHERE NOT t.disabled"
              " ORDER BY CASE WHEN t.password_hash IS NULL THEN 1 ELSE 0 END,"
              " CASE WHEN t.admin AND d.name = :domain THEN 0 WHEN t.admin THEN 1 WHEN d.name = :domain THEN 2 ELSE 3 END,"
              " t.created_at, t.id LIMIT 1");
    row.use("domain", domain).into(to.account).into(to.address.local_part).into(to.address.domain).into(to.has_password);
    row.into(to.admin).into(to.quota_limit).into(to.quota_used);
    if (!row.next()) return core::fail(errc::not_found, "there is no enabled account");
    return to;
}

}  // namespace

net::awaitable<core::result<route_answer>> soci_directory::find_routes(std::string domain,
                                                                       std::vector<std::string> local_parts) {
    return routes_->find(std::move(domain), std::move(local_parts));
}

net::awaitable<core::result<route::destination>> soci_directory::find_caretaker(std::string domain) {
    co_return co_await reads_.run([domain = std::move(domain)](connection& on) { return select_caretaker(on, domain); });
}

}  // namespace postern::storage
