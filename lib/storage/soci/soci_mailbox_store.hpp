#pragma once

#include <functional>

#include "storage/mailbox_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Mailboxes in SQL: soci_mailbox_store_mailboxes.cpp for themselves, _entries.cpp for what is in them.
class soci_mailbox_store final : public mailbox_store {
public:
    /// `changed` hears of each account whose mailboxes were changed.
    soci_mailbox_store(read_pool& reads, writer& writes, std::function<void(account_id)> changed)
        : reads_(reads), writes_(writes), changed_(std::move(changed)) {}

    net::awaitable<core::result<mailbox>> add(account_id account, std::string name, core::timestamp now) override;
    net::awaitable<core::result<mailbox>> rename(account_id account, mailbox_id id, std::string name) override;
    net::awaitable<core::result<void>> remove(account_id account, mailbox_id id, core::timestamp now) override;

    net::awaitable<core::result<std::vector<changed_entry>>> change(account_id account, std::vector<entry_id> entries,
                                                                    entry_change wanted, std::optional<std::int64_t> if_modseq,
                                                                    core::timestamp now) override;
    net::awaitable<core::result<std::vector<changed_entry>>> discard(account_id account, std::vector<entry_id> entries,
                                                                     std::optional<std::int64_t> if_modseq,
                                                                     core::timestamp now) override;
    net::awaitable<core::result<std::size_t>> thread_arrivals(std::optional<account_id> account, std::size_t limit) override;
    net::awaitable<core::result<std::vector<entry>>> list_thread(account_id account, thread_id thread) override;

private:
    read_pool& reads_;
    writer& writes_;
    std::function<void(account_id)> changed_;
};

}  // namespace postern::storage
