#pragma once

#include <chrono>
#include <optional>

#include "storage/soci/delivery_plan.hpp"
#include "storage/soci/lane_executor.hpp"

namespace postern::storage {

/// Stores batches of messages in PostgreSQL: two trips, a statement per table, a batch's rows as arrays that unnest() opens.
///
/// The first trip, deliver(), writes the messages and their octets and only then takes the locks, on what is concluded in the
/// queue, on the mailboxes by id and then on the accounts by id, and reads what is decided from. The second, commit(), writes
/// what was decided and commits. So the rows every delivery to a mailbox must have to itself are held for one trip of small
/// rows, never while a large message comes in; and when the connection breaks during the second, COMMIT may have been sent.
class postgresql_delivery final : public lane_executor {
public:
    using lane_executor::lane_executor;
    step deliver(std::span<const std::shared_ptr<delivery_item>> items) override;
    step commit() override;
    void rollback() noexcept override;

private:
    void prepare(connection& opened) override;
    void forget() noexcept override { decided_.reset(); }

    [[nodiscard]] std::chrono::milliseconds patience() const;
    void write_messages(delivery_plan& plan);
    void lock_queue_first(delivery_plan& plan);
    void place_and_commit(const delivery_plan& plan);

    std::optional<delivery_plan> decided_;
};

}  // namespace postern::storage
