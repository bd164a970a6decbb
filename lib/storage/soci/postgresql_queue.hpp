#pragma once

#include "storage/soci/connection.hpp"
#include "storage/soci/delivery_plan.hpp"
#include "storage/soci/pipeline.hpp"

/// The queue's part of postgresql_delivery's two trips.
namespace postern::storage {

void prepare_queue_statements(pg_conn* libpq);

/// Locks what is to be concluded: the messages' outbound halves first, so that of two processes that finish the last two items
/// of a message the second sees what the first did; then the items, whose rows are the answer to the last statement.
void send_queue_locks(pipeline& trip, const delivery_plan& plan);
void read_queue_locks(const pg_rows& items, delivery_plan& plan);

/// The same for items whose rows are foreseen: the transaction fails where one is not so.
void send_queue_takes(pipeline& trip, const delivery_plan& plan);

/// Writes what was decided; sends nothing when that is nothing.
void send_queue_changes(pipeline& trip, const delivery_plan& plan);

}  // namespace postern::storage
