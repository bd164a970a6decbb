#include "storage/soci/id_stock.hpp"

#include <algorithm>
#include <utility>

#include "storage/soci/connection.hpp"
#include "storage/soci/object_ids.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t largest_block = 4096;

std::unexpected<core::error> no_connection() { return core::fail(errc::unavailable, "no connection to the database"); }

}  // namespace

/// Draws a block. Owns its part of the stock: the answer may come when the writer is gone.
class id_stock::draw final : public job_item {
public:
    draw(std::shared_ptr<id_stock> stock, std::size_t count) : stock_(std::move(stock)), count_(count) {}

    core::result<void> perform(connection& database) override {
        ids_ = draw_object_ids(database, count_);
        return {};
    }

    void answer() override { stock_->drawn(outcome(), ids_); }

private:
    std::shared_ptr<id_stock> stock_;
    std::size_t count_;
    std::vector<std::int64_t> ids_;
};

net::awaitable<core::result<message_id>> id_stock::next() {
    // Also with ids at hand: a message that cannot be stored is better refused before its octets are sent.
    if (lane_ == nullptr || !lane_->available()) co_return no_connection();
    if (ids_.size() <= block_ / 2) refill();
    if (!ids_.empty()) co_return take();
    if (!drawing_) co_return no_connection();  // lost between the two looks: nobody would answer
    const auto place = std::make_shared<net::pending<core::result<message_id>>>();
    waiting_.push_back(place);
    co_return co_await place->wait();
}

message_id id_stock::take() {
    const message_id id{ids_.front()};
    ids_.pop_front();
    return id;
}

void id_stock::refill() {
    if (drawing_) return;
    if (lane_ != nullptr && lane_->submit(std::make_shared<draw>(shared_from_this(), block_))) {
        drawing_ = true;
        block_ = std::min(2 * block_, largest_block);
        return;
    }
    for (const auto& place : std::exchange(waiting_, {})) place->complete(no_connection());
}

void id_stock::drawn(const core::result<void>& outcome, const std::vector<std::int64_t>& ids) {
    drawing_ = false;
    if (!outcome) {
        // What was drawn in a transaction that may not have become durable is drawn again by somebody: it must not be used.
        for (const auto& place : std::exchange(waiting_, {})) place->complete(std::unexpected(outcome.error()));
        return;
    }
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    while (!waiting_.empty() && !ids_.empty()) {
        const auto place = std::move(waiting_.front());
        waiting_.pop_front();
        place->complete(take());
    }
    if (!waiting_.empty()) refill();
}

}  // namespace postern::storage
