#pragma once

#include <memory>
#include <vector>

#include "queue/message_round.hpp"
#include "storage/queue_records.hpp"

namespace postern::queue {

/// Recipients of one message that go to one next hop in one transaction.
struct job {
    std::shared_ptr<message_round> round;
    std::shared_ptr<const void> share;         ///< of the round, until the job is closed or dropped
    std::vector<storage::queue_item> items{};  ///< at least one
};

}  // namespace postern::queue
