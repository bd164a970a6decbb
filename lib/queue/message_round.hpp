#pragma once

#include <memory>
#include <unordered_map>
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

/// What the recipients of one message that are on their way together share.
///
/// Where a failure or a delay is to be told to the sender, its outcome waits here for the round's other destinations, so that
/// one notice tells of all of them.
struct message_round {
    storage::message_id message;
    std::shared_ptr<const core::content> octets;  ///< as accepted, in memory; null: to be read from the database
    std::weak_ptr<const void> open_jobs{};        ///< each job that is not closed has its share; expired: there is none
    std::vector<settled_item> to_tell{};
    bool reporter_waits = false;  ///< a coroutine will write to_tell down in a while

    /// A share for one more job.
    [[nodiscard]] std::shared_ptr<const void> open_job();
};

/// The rounds of this process, one a message: what falls due while others of its message are on their way joins them. Loop
/// thread only.
class open_rounds {
public:
    /// The message's round; a new one has `octets`. It is forgotten with its last owner.
    [[nodiscard]] std::shared_ptr<message_round> join(storage::message_id message, std::shared_ptr<const core::content> octets);

private:
    using book = std::unordered_map<storage::message_id, std::weak_ptr<message_round>>;

    std::shared_ptr<book> rounds_ = std::make_shared<book>();  // a round may outlive us
};

}  // namespace postern::queue
