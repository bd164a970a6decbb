#pragma once

#include <functional>

#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"
#include "storage/upkeep_store.hpp"

namespace postern::storage {

/// Upkeep in SQL.
class soci_upkeep_store final : public upkeep_store {
public:
    /// `changed` hears of each account whose mailboxes were changed.
    soci_upkeep_store(read_pool& reads, writer& writes, std::function<void(account_id)> changed)
        : reads_(reads), writes_(writes), changed_(std::move(changed)) {}

    net::awaitable<core::result<std::size_t>> remove_entries_before(mailbox_role role, core::timestamp time, std::size_t limit,
                                                                    core::timestamp now) override;
    net::awaitable<core::result<std::size_t>> remove_logins_before(core::timestamp time, std::size_t limit) override;
    net::awaitable<core::result<std::vector<quota_news>>> list_quota_news(std::size_t limit) override;
    net::awaitable<core::result<bool>> tell_of_quota(quota_news news, std::optional<imported_message> warning,
                                                     core::timestamp now) override;

private:
    read_pool& reads_;
    writer& writes_;
    std::function<void(account_id)> changed_;
};

}  // namespace postern::storage
