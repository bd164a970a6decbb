#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>

#include "storage/soci/delivery_plan.hpp"
#include "storage/soci/lane_executor.hpp"

namespace postern::storage {

/// Stores batches of messages in PostgreSQL: two trips, a statement per table, a batch's rows as arrays.
///
/// The first trip, deliver(), writes the messages and their octets and only then takes the locks, on what is concluded in the
/// queue, on the mailboxes by id and then on the accounts by id, and reads what is decided from. The second, commit(), writes
/// what was decided and commits. So the rows every delivery to a mailbox must have to itself are held for one trip of small
/// rows, never while a large message comes in; and when the connection breaks during the second, COMMIT may have been sent.
///
/// Under load the server never waits for us between two batches: behind the second trip goes the first one of the batch that
/// follows. When that is for the same mailboxes, all of it goes, in one trip: how the rows will be is foreseen, and where one
/// is not so the transaction fails and is tried again in two.
class postgresql_delivery final : public lane_executor {
public:
    /// How long a server that says nothing is believed to be there.
    struct silence_bounds {
        std::chrono::milliseconds statement = std::chrono::seconds(10);  ///< behind the timeouts it keeps itself
        /// COMMIT waits for the disk, or for a standby, without a timeout of its own, and giving it up means not knowing: every
        /// sender of the batch would send again. A host that is gone is noticed by TCP long before; RFC 5321 4.5.3.2.6 gives us
        /// ten minutes.
        std::chrono::milliseconds commit = std::chrono::minutes(5);
    };

    explicit postgresql_delivery(config::database_settings settings) : postgresql_delivery(std::move(settings), {}) {}
    postgresql_delivery(config::database_settings settings, silence_bounds silence);
    ~postgresql_delivery() override;

    step deliver(std::span<const std::shared_ptr<delivery_item>> items) override;
    step commit(const next_items& next) override;
    void rollback() noexcept override;

private:
    void prepare(connection& opened) override;
    void forget() noexcept override;

    /// A batch whose last trip so far is on its way.
    struct batch_ahead;

    [[nodiscard]] std::chrono::milliseconds patience() const;
    void lock_queue_first(delivery_plan& plan);
    void finish_commit(const next_items& next);
    void send_ahead(std::span<const std::shared_ptr<delivery_item>> items, batch_ahead& before);
    void drop_ahead() noexcept;

    silence_bounds silence_;
    std::unique_ptr<batch_ahead> ahead_;       // comes with the next deliver()
    std::unique_ptr<batch_ahead> committing_;  // its COMMIT is on its way
    int foresight_ = 0;                        // batches until it is tried again
    std::optional<delivery_plan> decided_;
};

}  // namespace postern::storage
