#include "storage/soci/use_log.hpp"

#include <chrono>
#include <utility>

#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr std::chrono::minutes resolution{1};
constexpr std::size_t most_noted = 10'000;  // then we forget: the worst is a write too many

}  // namespace

/// Owns its part of the log: the answer may come when the store is gone.
class use_log::update final : public job_item {
public:
    update(std::shared_ptr<use_log> log, std::map<app_password_id, core::timestamp> uses)
        : log_(std::move(log)), uses_(std::move(uses)) {}

    core::result<void> perform(connection& database) override {
        const auto time = dialect::time(database.kind(), ":at");
        for (const auto& [id, at] : uses_) {
            query(database, "UPDATE app_password SET last_used_at = " + time +
                                " WHERE id = :id AND (last_used_at IS NULL OR last_used_at < " + time + ")")
                .use("at", at)
                .use("id", id)
                .run();
        }
        return {};
    }

    void answer() override { log_->written(); }

private:
    std::shared_ptr<use_log> log_;
    std::map<app_password_id, core::timestamp> uses_;
};

void use_log::note(app_password_id id, core::timestamp at) {
    const auto last = noted_.find(id);
    if (last != noted_.end() && at < last->second + resolution) return;
    if (noted_.size() >= most_noted) noted_.clear();
    noted_[id] = waiting_[id] = at;
    if (!writing_) write();
}

void use_log::write() {
    const auto job = std::make_shared<update>(shared_from_this(), std::exchange(waiting_, {}));
    writing_ = writes_ != nullptr && writes_->submit(job);
}

void use_log::written() {
    writing_ = false;
    if (!waiting_.empty()) write();
}

}  // namespace postern::storage
