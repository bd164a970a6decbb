#pragma once

#include <memory>

#include "storage/message_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Messages in SQL: what is written goes to the writer as it is, what is read is here (soci_message_store_entries.cpp,
/// _content.cpp, _trace.cpp, _events.cpp).
class soci_message_store final : public message_store {
public:
    /// `reads` is shared with contents that were handed out and may outlive this object.
    soci_message_store(std::shared_ptr<read_pool> reads, writer& writes) : reads_(std::move(reads)), writes_(writes) {}

    net::awaitable<core::result<message_id>> next_id() override;
    net::awaitable<core::result<delivered>> deliver(delivery d) override;

    net::awaitable<core::result<std::vector<mailbox>>> list_mailboxes(account_id account) override;
    net::awaitable<core::result<entry_page>> list_entries(account_id account, mailbox_id mailbox,
                                                          std::optional<std::int64_t> before_uid, std::size_t limit) override;
    net::awaitable<core::result<entry>> find_entry(account_id account, std::int64_t entry_or_message) override;
    net::awaitable<core::result<std::shared_ptr<const core::content>>> read_content(message_id id,
                                                                                    std::uint64_t memory_limit) override;
    net::awaitable<core::result<message_trace>> trace(message_id id) override;
    net::awaitable<core::result<std::vector<message_trace>>> list_traces(trace_filter f) override;
    net::awaitable<core::result<std::vector<entry_id>>> find_by_message_id(account_id account,
                                                                           std::string header_message_id) override;
    net::awaitable<core::result<std::vector<message_event>>> list_events(account_id account,
                                                                         std::int64_t entry_or_message) override;
    net::awaitable<core::result<std::size_t>> remove_events_before(core::timestamp time, std::size_t limit) override;

private:
    std::shared_ptr<read_pool> reads_;
    writer& writes_;
};

}  // namespace postern::storage
