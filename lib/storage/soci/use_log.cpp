#include "storage/soci/use_log.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr std::chrono::minutes noted_once_in{1};
constexpr std::size_t most_noted_uses = 10'000;  // then we forget: the worst is a write too many

}  // namespace

/// Owns its part of the log: the answer may come when the store is gone.
class use_log::update final : public job_item {
public:
    update(std::shared_ptr<use_log> log, std::map<std::int64_t, core::timestamp> uses)
        : log_(std::move(log)), uses_(std::move(uses)) {}

    core::result<void> perform(connection& database) override {
        const auto time = dialect::time(database.kind(), ":at");
        const auto& column = log_->column_;
        for (const auto& [id, at] : uses_) {
            query(database, fmt::format("UPDATE {0} SET {1} = {2} WHERE id = :id AND ({1} IS NULL OR {1} < {2})", log_->table_,
                                        column, time))
                .use("at", at)
                .use("id", id)
                .run();
        }
        return {};
    }

    void answer() override { log_->written(); }

private:
    std::shared_ptr<use_log> log_;
    std::map<std::int64_t, core::timestamp> uses_;
};

void use_log::note(std::int64_t id, core::timestamp at) {
    const auto last = noted_.find(id);
    if (last != noted_.end() && at < last->second + noted_once_in) return;
    if (noted_.size() >= most_noted_uses) noted_.clear();
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
