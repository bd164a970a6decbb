#pragma once

#include <memory>
#include <mutex>

#include "storage/soci/lane_executor.hpp"
#include "storage/soci/turnstile.hpp"

namespace postern::storage {

/// Jobs that nobody waits for, and that are done again when a crash took them back: they do not wait for the disk. On SQLite
/// they take turns with the deliveries for the one write lock, so each must be short; and the thread must not be of lower
/// priority, or a delivery would wait for one that is not given the processor.
class background_lane final : public lane_executor {
public:
    /// `write_lock`: SQLite's; null on PostgreSQL.
    background_lane(config::database_settings settings, std::shared_ptr<turnstile> write_lock);

    /// Messages do not come here.
    step deliver(std::span<const std::shared_ptr<delivery_item>> items) override;
    step commit(const next_items& next) override;
    void rollback() noexcept override;

private:
    void prepare(connection& opened) override;
    void begin() override;
    void forget() noexcept override;

    std::shared_ptr<turnstile> write_lock_;
    std::unique_lock<turnstile> turn_;
};

}  // namespace postern::storage
