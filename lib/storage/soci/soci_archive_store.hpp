#pragma once

#include <functional>

#include "storage/archive_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Copies of mailboxes in SQL.
class soci_archive_store final : public archive_store {
public:
    /// `changed` hears of each account whose mailboxes were changed.
    soci_archive_store(read_pool& reads, writer& writes, std::function<void(account_id)> changed)
        : reads_(reads), writes_(writes), changed_(std::move(changed)) {}

    net::awaitable<core::result<std::vector<archived_entry>>> list(account_id account, mailbox_id mailbox,
                                                                   std::int64_t after_uid, std::size_t limit) override;
    net::awaitable<core::result<void>> add(account_id account, mailbox_id mailbox, std::vector<imported_message> messages,
                                           bool beyond_quota, core::timestamp now) override;

private:
    read_pool& reads_;
    writer& writes_;
    std::function<void(account_id)> changed_;
};

}  // namespace postern::storage
