#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "storage/soci/delivery_plan.hpp"
#include "storage/soci/lane_executor.hpp"
#include "storage/soci/turnstile.hpp"

namespace postern::storage {

/// Stores batches of messages in SQLite: a row at a time with prepared statements, one fsync (WAL, synchronous=FULL) for all.
///
/// The file has one write lock. The lanes of one process take turns for it at a turnstile; other processes are waited for up to
/// database.statement_timeout. A large message is read from its spool file once before (group_commit's digest), so what the
/// transaction reads lies in the kernel's cache, and goes in by parts of 1 MiB through one buffer.
///
/// What was committed moves from the log to the database file between two batches, when the waiters have their answers
/// (tidy()), not in the commit they wait for; best when nobody sends anything (rest()). A reader that stays open keeps the log
/// from starting over; it then grows, and is cut back by a checkpoint that waits for readers, but never longer than a moment.
class sqlite_delivery final : public lane_executor {
public:
    sqlite_delivery(config::database_settings settings, std::shared_ptr<turnstile> write_lock);
    ~sqlite_delivery() override;

    step deliver(std::span<const std::shared_ptr<delivery_item>> items) override;
    step commit(const next_items& next) override;
    void rollback() noexcept override;
    void tidy() override;
    void rest() override;

private:
    struct statements;

    void prepare(connection& opened) override;
    void forget() noexcept override;
    void begin() override;

    void read_rows(delivery_plan& plan);
    void write_message(const new_message& message, const std::optional<std::string>& history);
    std::string_view part_of(const core::content& octets, std::uint64_t offset, std::size_t size);
    void write_placement(const delivery_plan& plan);
    void write_queue(const delivery_plan& plan);
    std::int64_t take_ids(std::size_t count);
    void checkpoint();

    std::shared_ptr<turnstile> write_lock_;
    std::unique_lock<turnstile> turn_;
    std::unique_ptr<statements> statements_;
    std::vector<char> part_;
    int log_pages_ = 0;      // in the write-ahead log after the last commit
    int checkpoint_at_ = 0;  // pages
    int patient_checkpoint_at_ = 0;
};

}  // namespace postern::storage
