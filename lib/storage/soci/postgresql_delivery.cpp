#include "storage/soci/postgresql_delivery.hpp"

#include <algorithm>

#include "storage/soci/delivery_extras.hpp"
#include "storage/soci/pipeline.hpp"
#include "storage/soci/postgresql_queue.hpp"
#include "storage/soci/postgresql_trips.hpp"

namespace postern::storage {
namespace {

// After a row was not as foreseen: another process delivers to the same mailboxes, or a person reads there.
constexpr int batches_without_foresight = 64;

/// statement_timeout, lock_timeout: the same again would wait as long.
bool is_timeout(const database_error& e) { return e.sqlstate() == "57014" || e.sqlstate() == "55P03"; }

}  // namespace

void postgresql_delivery::prepare(connection& opened) {
    // The arrays differ in length every time; planning for each length would cost more than the statements do.
    // And a plan made while a table was empty must not read all of it once it is large.
    opened.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off");
    // Rows are taken, and so locked, in the order of the arrays, which is the same in every process.
    opened.execute("SET enable_hashjoin = off; SET enable_mergejoin = off");
    // A batch of large messages takes some hundred kilobytes of the server's memory, which glibc would give back to the system
    // each time, to be faulted in page by page for the next. What was once as large as this, and freed, it keeps.
    opened.execute("SELECT length(repeat(repeat('x', 20000), 100))");
    prepare_trips(opened.postgresql());
}

/// The server ends a statement after statement_timeout and says so; one that does not even say so is not there any more.
/// Two statements of a trip may wait for locks, each for that long.
std::chrono::milliseconds postgresql_delivery::patience() const {
    return 2 * settings().statement_timeout + silence_.statement;
}

struct postgresql_delivery::batch_ahead {
    delivery_plan plan;
    std::unique_ptr<pipeline> trips;  // the batch's is the last of them
    bool foreseen = false;            // the trip is its only one, and ends with COMMIT
};

postgresql_delivery::postgresql_delivery(config::database_settings settings, silence_bounds silence)
    : lane_executor(std::move(settings)), silence_(silence) {}

postgresql_delivery::~postgresql_delivery() = default;

void postgresql_delivery::forget() noexcept {
    ahead_.reset();
    committing_.reset();
    decided_.reset();
}

step postgresql_delivery::deliver(std::span<const std::shared_ptr<delivery_item>> items) {
    decided_.reset();
    if (ahead_ && !ahead_->plan.is_of(items)) {
        database().give_up();  // the answer to the other batch's COMMIT would be taken for that of these items
        return {step::ending::lost, "another batch was sent ahead"};
    }
    if (ahead_ && ahead_->foreseen) {
        committing_ = std::move(ahead_);
        return {};
    }
    return during([&] {
        auto batch = std::move(ahead_);
        if (!batch) {
            batch = std::make_unique<batch_ahead>(delivery_plan(items));
            if (batch->plan.has_notices()) lock_queue_first(batch->plan);
            batch->trips = std::make_unique<pipeline>(database(), patience());
            send_first_trip(*batch->trips, batch->plan);
        }
        read_first_trip(batch->trips->finish(patience()), batch->plan);
        if (batch->plan.has_extras()) read_extras(database(), batch->plan);
        batch->plan.decide(delivery_plan::rows::written);
        if (batch->plan.has_extras()) write_extras(database(), batch->plan);
        decided_ = std::move(batch->plan);
        return step{};
    });
}

/// A trip more, for the few batches with notices: which of them are written depends on the queue's rows.
void postgresql_delivery::lock_queue_first(delivery_plan& plan) {
    pipeline trip(database(), patience());
    send_queue_trip(trip, plan);
    read_queue_locks(trip.finish(patience()).back(), plan);
    plan.leave_out_lost();
}

step postgresql_delivery::commit(const next_items& next) {
    if (!decided_ && !committing_) return lane_executor::commit(next);
    if (committing_ && database().lost()) return {step::ending::unknown, "the connection broke after COMMIT was sent"};
    return during([&] {
        const bool foreseen = committing_ != nullptr;
        try {
            finish_commit(next);
            return step{};
        } catch (const database_error& thrown) {
            drop_ahead();
            if (thrown.code() == errc::unavailable) return step{step::ending::unknown, thrown.what()};
            if (!foreseen) throw;
            foresight_ = batches_without_foresight;
            if (is_timeout(thrown)) throw;
            return step{step::ending::conflict, thrown.what()};  // nothing is stored, and the next try reads before it decides
        } catch (const std::exception& thrown) {                 // COMMIT is on its way, or may be
            database().give_up();
            return step{step::ending::unknown, thrown.what()};
        }
    });
}

/// Sends the next batch behind this one's COMMIT, and waits for its answer.
void postgresql_delivery::finish_commit(const next_items& next) {
    if (!committing_) {
        committing_ = std::make_unique<batch_ahead>(*std::exchange(decided_, std::nullopt),
                                                    std::make_unique<pipeline>(database(), patience()));
        send_second_trip(*committing_->trips, committing_->plan);
    }
    const auto batch = std::move(committing_);
    auto& trips = *batch->trips;
    if (const auto following = next(); !following.empty()) send_ahead(following, *batch);
    const auto answers = trips.finish(std::max(patience(), silence_.commit));
    // A transaction that had failed answers COMMIT with ROLLBACK and calls that a success.
    if (answers.back().command() != "COMMIT")
        throw database_error(errc::failed, "the transaction had failed before its commit");
}

/// A batch for the same mailboxes finds them as the one before it leaves them, unless somebody else comes between: then it can
/// be decided now, and sent whole. Not for a while after somebody did.
void postgresql_delivery::send_ahead(std::span<const std::shared_ptr<delivery_item>> items, batch_ahead& before) {
    auto batch = std::make_unique<batch_ahead>(delivery_plan(items));
    if (batch->plan.has_notices()) return;  // its first trip depends on the answers of another
    if (foresight_ > 0) {
        --foresight_;
    } else if (batch->plan.foresee(before.plan)) {
        batch->plan.decide();
        batch->foreseen = batch->plan.refused().empty();
    }
    if (!batch->foreseen) batch->plan = delivery_plan(items);
    batch->trips = std::move(before.trips);
    ahead_ = std::move(batch);  // whatever becomes of the sending: from here on its COMMIT may be carried out
    if (ahead_->foreseen) {
        send_only_trip(*ahead_->trips, ahead_->plan);
    } else {
        send_first_trip(*ahead_->trips, ahead_->plan);
    }
}

void postgresql_delivery::rollback() noexcept {
    drop_ahead();
    committing_.reset();
    decided_.reset();
    lane_executor::rollback();
}

/// When the transaction before it failed. A batch that was sent whole has then failed with it, as its rows are not as foreseen;
/// but where the connection broke nobody knows, and it stays until commit() says so. What else began is left to rollback().
void postgresql_delivery::drop_ahead() noexcept {
    if (!ahead_ || (database().lost() && ahead_->foreseen)) return;
    const auto dropped = std::move(ahead_);
    if (database().lost()) return;
    try {
        dropped->trips->finish(patience());
    } catch (const std::exception&) {
        return;  // as expected; or the connection is gone now, which the next step sees
    }
}

}  // namespace postern::storage
