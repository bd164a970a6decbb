#pragma once

#include <vector>

#include "storage/soci/delivery_plan.hpp"
#include "storage/soci/pipeline.hpp"

/// The statements of postgresql_delivery, and what goes together on one trip to the server. Each sends a whole trip, from its
/// first statement to its end; what they throw is pipeline's.
namespace postern::storage {

void prepare_trips(pg_conn* libpq);

/// BEGIN, and locks what the plan's outcomes conclude: for a plan with notices, before its first trip.
void send_queue_trip(pipeline& trip, const delivery_plan& plan);

/// BEGIN, the messages and their octets, and last the locks.
void send_first_trip(pipeline& trip, const delivery_plan& plan);
/// Adds the rows that were locked to the plan.
void read_first_trip(std::vector<pg_rows> answers, delivery_plan& plan);

/// What the plan has decided, and COMMIT.
void send_second_trip(pipeline& trip, const delivery_plan& plan);

/// Both in one, for a plan whose rows are foreseen and which refuses nothing. It fails where they are not so.
void send_only_trip(pipeline& trip, const delivery_plan& plan);

}  // namespace postern::storage
