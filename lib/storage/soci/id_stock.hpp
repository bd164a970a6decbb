#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/pending.hpp"
#include "storage/group_commit.hpp"
#include "storage/records.hpp"

namespace postern::storage {

/// Ids for messages, drawn ahead in blocks from the sequence object_id through a lane. Loop thread only.
///
/// The next block is asked for when half of one is left, so a caller waits only when messages come faster than one job of the
/// lane takes. Blocks grow from 128 to 4,096 while a process runs: one that takes ten messages a day leaves small gaps.
class id_stock final : public std::enable_shared_from_this<id_stock> {
public:
    explicit id_stock(group_commit& lane) : lane_(&lane) {}

    /// As message_store::next_id.
    net::awaitable<core::result<message_id>> next();

    /// The lane is about to close: nothing more is drawn from it.
    void close() { lane_ = nullptr; }

private:
    class draw;

    void refill();
    void drawn(const core::result<void>& outcome, const std::vector<std::int64_t>& ids);
    message_id take();

    group_commit* lane_;
    std::deque<std::int64_t> ids_;
    std::deque<std::shared_ptr<net::pending<core::result<message_id>>>> waiting_;
    std::size_t block_ = 128;
    bool drawing_ = false;
};

}  // namespace postern::storage
