#include "queue/lease_book.hpp"

#include <unordered_set>

namespace postern::queue {

std::vector<storage::queue_id> lease_book::ending(core::timestamp before) const {
    std::vector<storage::queue_id> items;
    for (const auto& [item, until] : until_) {
        if (until < before) items.push_back(item);
    }
    return items;
}

void lease_book::renewed(std::span<const storage::queue_id> asked, std::span<const storage::queue_id> kept,
                         core::timestamp until) {
    const std::unordered_set<storage::queue_id> ours(kept.begin(), kept.end());
    for (const auto item : asked) {
        const auto found = until_.find(item);
        if (found == until_.end()) continue;  // concluded while the database was asked
        if (ours.contains(item)) {
            found->second = until;
        } else {
            until_.erase(found);
        }
    }
}

}  // namespace postern::queue
