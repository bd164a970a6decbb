#pragma once

#include <memory>

#include "core/log.hpp"
#include "storage/queue_store.hpp"
#include "storage/soci/queue_listener.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// The queue in SQL: soci_queue_store_leases.cpp for who works, _list.cpp for who looks, _admin.cpp for who decides. Outcomes
/// go to the writer as they are, into the same transactions as deliveries.
class soci_queue_store final : public queue_store {
public:
    soci_queue_store(net::executor loop, config::database_settings settings, read_pool& reads, writer& writes, core::logger log)
        : loop_(std::move(loop)), settings_(std::move(settings)), reads_(reads), writes_(writes), log_(std::move(log)) {}

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

    /// Ends the listening. Blocks, but not for long.
    void close() { listener_.reset(); }

private:
    net::executor loop_;
    config::database_settings settings_;
    read_pool& reads_;
    writer& writes_;
    core::logger log_;
    std::unique_ptr<queue_listener> listener_;
};

/// Within a transaction: tells other processes, when it commits, that there is something to claim.
void notify_queue(connection& on);

}  // namespace postern::storage
