#include "storage/soci/background_lane.hpp"

#include <utility>

namespace postern::storage {

background_lane::background_lane(config::database_settings settings, std::shared_ptr<turnstile> write_lock)
    : lane_executor(std::move(settings)), write_lock_(std::move(write_lock)) {
    if (write_lock_) turn_ = std::unique_lock(*write_lock_, std::defer_lock);
}

void background_lane::prepare(connection& opened) {
    // What is lost with a crash is found waiting afterwards. The deliveries' lane moves the log into the file.
    opened.execute(opened.kind() == backend::sqlite ? "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0"
                                                    : "SET synchronous_commit = off");
}

step background_lane::deliver(std::span<const std::shared_ptr<delivery_item>>) {
    return {step::ending::refused, "not a lane for messages"};
}

void background_lane::begin() {
    if (write_lock_ && !turn_) turn_.lock();
    database().restart_deadline();  // waiting for the turn, and for the file below, is not the statements' own time
    lane_executor::begin();
    database().restart_deadline();
}

step background_lane::commit(const next_items& next) {
    auto ended = lane_executor::commit(next);
    if (ended.ok() && turn_) turn_.unlock();
    return ended;
}

void background_lane::rollback() noexcept {
    lane_executor::rollback();
    if (turn_) turn_.unlock();
}

void background_lane::forget() noexcept {
    if (turn_) turn_.unlock();
}

}  // namespace postern::storage
