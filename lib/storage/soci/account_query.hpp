#pragma once

#include <optional>
#include <string>

#include "storage/records.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {

/// Accounts that fulfil a condition on t (account), a (address) or d (domain).
class account_query {
public:
    account_query(connection& on, const std::string& condition)
        : rows_(on,
                "SELECT t.id, a.local_part, d.name, t.name, CAST(t.admin AS integer), CAST(t.disabled AS integer),"
                " t.password_hash, t.quota_limit, t.quota_used, " +
                    dialect::micros(on.kind(), "t.created_at") +
                    " FROM account t JOIN address a ON a.id = t.id JOIN domain d ON d.id = a.domain_id " + condition +
                    " ORDER BY " + dialect::by_octets(on.kind(), "d.name") + ", " +
                    dialect::by_octets(on.kind(), "a.local_part")) {
        rows_.into(row_.id).into(row_.address.local_part).into(row_.address.domain).into(row_.name).into(row_.admin);
        rows_.into(row_.disabled).into(row_.password_hash).into(row_.quota_limit).into(row_.quota_used).into(row_.created_at);
    }

    query& parameters() { return rows_; }
    std::optional<account> next() { return rows_.next() ? std::optional(row_) : std::nullopt; }

private:
    account row_;
    query rows_;
};

}  // namespace postern::storage
