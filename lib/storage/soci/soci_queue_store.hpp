#pragma once

#include "storage/queue_store.hpp"
#include "storage/soci/change_hub.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// The queue in SQL: soci_queue_store_leases.cpp for who works, _list.cpp for who looks, _admin.cpp for who decides. Outcomes
/// go to the writer as they are, into the same transactions as deliveries.
class soci_queue_store final : public queue_store {
public:
    soci_queue_store(read_pool& reads, writer& writes, change_hub& hub) : reads_(reads), writes_(writes), hub_(hub) {}

    net::awaitable<core::result<std::vector<queue_item>>> claim(claim_request request) override;
    net::awaitable<core::result<std::vector<queue_id>>> renew(std::string owner, std::vector<queue_id> items,
                                                              core::timestamp lease_until) override;
    net::awaitable<core::result<concluded>> conclude(std::string owner, std::vector<queue_outcome> outcomes,
                                                     std::vector<delivery> notices) override;
    net::awaitable<core::result<void>> release_leases(std::string owner) override;
    net::awaitable<core::result<std::optional<core::timestamp>>> next_due(core::timestamp now) override;

    net::awaitable<core::result<std::vector<queue_item>>> list(filter f) override;
    net::awaitable<core::result<queue_item>> find(queue_id id) override;
    net::awaitable<core::result<queue_depth>> depth() override;

    net::awaitable<core::result<std::size_t>> retry_now(std::vector<queue_id> items, core::timestamp now) override;
    net::awaitable<core::result<std::size_t>> hold(std::vector<queue_id> items, core::timestamp now) override;
    net::awaitable<core::result<std::size_t>> release(std::vector<queue_id> items, core::timestamp now) override;
    net::awaitable<core::result<std::size_t>> remove(std::vector<queue_id> items, core::timestamp now) override;

    void on_wake(std::move_only_function<void()> woken) override;

private:
    read_pool& reads_;
    writer& writes_;
    change_hub& hub_;
};

/// Within a transaction: tells other processes, when it commits, that there is something to claim.
void notify_queue(connection& on);

}  // namespace postern::storage
