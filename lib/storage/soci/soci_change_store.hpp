#pragma once

#include "storage/change_store.hpp"
#include "storage/soci/change_hub.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Changes in SQL: mailbox_change for what was changed, uids for what was delivered, message_event for what was sent.
class soci_change_store final : public change_store {
public:
    soci_change_store(read_pool& reads, writer& writes, change_hub& hub) : reads_(reads), writes_(writes), hub_(hub) {}

    net::awaitable<core::result<account_state>> state(account_id account) override;
    net::awaitable<core::result<mail_changes>> changes_since(account_id account, account_state since,
                                                             std::size_t limit) override;
    net::awaitable<core::result<std::vector<outcome>>> outcomes_since(account_id account, std::int64_t after,
                                                                      core::timestamp submitted_since,
                                                                      std::size_t limit) override;
    void on_change(std::move_only_function<void(std::optional<account_id>)> changed) override {
        hub_.on_change(std::move(changed));
    }
    net::awaitable<core::result<std::size_t>> remove_changes_before(core::timestamp time, std::size_t limit) override;

private:
    read_pool& reads_;
    writer& writes_;
    change_hub& hub_;
};

}  // namespace postern::storage
