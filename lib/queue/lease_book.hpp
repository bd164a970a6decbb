#pragma once

#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "storage/queue_records.hpp"

namespace postern::queue {

/// Which items are ours to work on, and until when. What is not in it, or whose time is up, belongs to somebody else.
class lease_book {
public:
    void add(storage::queue_id item, core::timestamp until) { until_[item] = until; }
    void remove(storage::queue_id item) { until_.erase(item); }

    [[nodiscard]] bool holds(storage::queue_id item, core::timestamp now) const {
        const auto found = until_.find(item);
        return found != until_.end() && now < found->second;
    }

    /// Items whose lease ends before `before`.
    [[nodiscard]] std::vector<storage::queue_id> ending(core::timestamp before) const;

    /// The answer to a renewal of `asked`: those `kept` hold until `until`, the rest is lost.
    void renewed(std::span<const storage::queue_id> asked, std::span<const storage::queue_id> kept, core::timestamp until);

    [[nodiscard]] std::size_t size() const noexcept { return until_.size(); }

private:
    std::unordered_map<storage::queue_id, core::timestamp> until_;
};

}  // namespace postern::queue
