#include "queue/message_round.hpp"

#include <utility>

namespace postern::queue {

std::shared_ptr<const void> message_round::open_job() {
    auto share = open_jobs.lock();
    if (!share) open_jobs = share = std::make_shared<char>();
    return share;
}

std::shared_ptr<message_round> open_rounds::join(storage::message_id message, std::shared_ptr<const core::content> octets) {
    auto& known = (*rounds_)[message];
    if (auto round = known.lock()) return round;
    const auto forget = [book = std::weak_ptr(rounds_)](message_round* ended) {
        if (const auto rounds = book.lock()) rounds->erase(ended->message);
        delete ended;
    };
    std::shared_ptr<message_round> round(new message_round{.message = message, .octets = std::move(octets)}, forget);
    known = round;
    return round;
}

}  // namespace postern::queue
