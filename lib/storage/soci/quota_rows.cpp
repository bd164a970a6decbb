#include "storage/soci/quota_rows.hpp"

#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {

void add_to_quota(connection& on, account_id account, std::int64_t octets, quota_rule rule) {
    std::int64_t used = 0;
    std::optional<std::int64_t> limit;
    {
        query row(on, "SELECT quota_used, quota_limit FROM account WHERE id = :id" + dialect::for_update(on.kind()));
        if (!row.use("id", account).into(used).into(limit).next())
            throw database_error(errc::not_found, "there is no such account");
    }
    if (limit && rule == quota_rule::within && octets > *limit - used)
        throw database_error(errc::over_quota, "the account's quota is used up");
    query(on, "UPDATE account SET quota_used = quota_used + :octets WHERE id = :id")
        .use("octets", octets)
        .use("id", account)
        .run();
}

}  // namespace postern::storage
