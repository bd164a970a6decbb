#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/content.hpp"
#include "queue/verdict.hpp"
#include "storage/queue_records.hpp"

namespace postern::queue {

/// An item whose fate is settled and still has to be written down.
struct settled_item {
    storage::queue_item item;
    queue::attempt attempt;
    queue::verdict verdict;
};

/// What the recipients of one message that fell due together share.
///
/// Where a failure or a delay is to be told to the sender, its outcome waits here for the round's other destinations, so that
/// one notice tells of all of them.
struct message_round {
    storage::message_id message;
    std::shared_ptr<const core::content> octets;  ///< as accepted, in memory; null: to be read from the database
    std::size_t open_jobs = 0;
    std::vector<settled_item> to_tell{};
    bool reporter_waits = false;  ///< a coroutine will write to_tell down in a while
};

/// Recipients of one message that go to one next hop in one transaction.
struct job {
    std::shared_ptr<message_round> round;
    std::vector<storage::queue_item> items;  ///< at least one
};

}  // namespace postern::queue
