#pragma once

#include "storage/soci/delivery_plan.hpp"
#include "storage/soci/lane_executor.hpp"

namespace postern::storage {

class pipeline;

/// Stores batches of messages in PostgreSQL: two trips, a statement per table, a batch's rows as arrays that unnest() opens.
///
/// The first trip writes the messages and their octets and only then takes the locks, on the mailboxes by id and then on the
/// accounts by id, and reads what is decided from. The second writes what was decided. So the rows every delivery to
/// a mailbox must have to itself are held while a few small rows are written, never while a large message comes in.
class postgresql_delivery final : public lane_executor {
public:
    using lane_executor::lane_executor;
    step deliver(std::span<const std::shared_ptr<delivery_item>> items) override;

private:
    void prepare(connection& opened) override;
    void forget() noexcept override {}

    [[nodiscard]] std::chrono::milliseconds patience() const;
    void write_messages(std::span<const std::shared_ptr<delivery_item>> items, delivery_plan& plan);
    void write_placement(const delivery_plan& plan);
};

}  // namespace postern::storage
