#pragma once

#include <functional>
#include <utility>

#include "storage/imap_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Mailboxes as IMAP sees them in SQL: soci_imap_store_list.cpp for what is there, _changes.cpp for what happened, _edit.cpp
/// for changing it.
class soci_imap_store final : public imap_store {
public:
    /// `changed` hears of each account whose mailboxes were changed.
    soci_imap_store(read_pool& reads, writer& writes, std::function<void(account_id)> changed)
        : reads_(reads), writes_(writes), changed_(std::move(changed)) {}

    net::awaitable<core::result<std::vector<imap_entry>>> list(account_id account, mailbox_id mailbox, std::int64_t after_uid,
                                                               std::size_t limit) override;
    net::awaitable<core::result<mailbox_state>> state(account_id account, mailbox_id mailbox) override;
    net::awaitable<core::result<imap_changes>> changes_since(account_id account, mailbox_state since,
                                                             std::size_t limit) override;
    net::awaitable<core::result<std::vector<flagged_entry>>> change_flags(account_id account, mailbox_id mailbox,
                                                                          std::vector<entry_id> entries, flag_change wanted,
                                                                          std::optional<std::int64_t> unchanged_since,
                                                                          core::timestamp now) override;
    net::awaitable<core::result<std::vector<placed_entry>>> copy(account_id account, mailbox_id from,
                                                                 std::vector<entry_id> entries, mailbox_id to,
                                                                 core::timestamp now) override;
    net::awaitable<core::result<std::vector<placed_entry>>> move(account_id account, mailbox_id from,
                                                                 std::vector<entry_id> entries, mailbox_id to,
                                                                 core::timestamp now) override;
    net::awaitable<core::result<std::vector<std::int64_t>>> expunge(account_id account, mailbox_id mailbox,
                                                                    std::vector<entry_id> entries,
                                                                    core::timestamp now) override;
    net::awaitable<core::result<std::int64_t>> append(account_id account, mailbox_id mailbox, imported_message message,
                                                      entry_flags flags, core::timestamp now) override;
    net::awaitable<core::result<figures>> count(account_id account, mailbox_id mailbox) override;
    net::awaitable<core::result<void>> subscribe(account_id account, mailbox_id mailbox, bool wanted) override;

private:
    read_pool& reads_;
    writer& writes_;
    std::function<void(account_id)> changed_;
};

}  // namespace postern::storage
