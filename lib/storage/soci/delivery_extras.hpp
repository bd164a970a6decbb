#pragma once

#include "storage/soci/connection.hpp"
#include "storage/soci/delivery_plan.hpp"

/// What few deliveries have: a draft they take the place of, a response that is kept with them. Statements of their own within
/// the delivery's transaction, so that the many without stay as fast as they are.
namespace postern::storage {

/// Reads what the plan's extras are decided from, under the locks on Drafts and on the accounts, and adds it.
void read_extras(connection& on, delivery_plan& plan);

/// What the plan decided of them, but for the counters. The plan's messages are written.
void write_extras(connection& on, const delivery_plan& plan);

}  // namespace postern::storage
