#pragma once

#include <memory>

#include "config/settings.hpp"
#include "storage/group_commit.hpp"
#include "storage/soci/connection.hpp"

namespace postern::storage {

/// The half of a batch_executor that both databases share: one connection, its transactions, jobs under savepoints, and how an
/// exception becomes the end of a step.
class lane_executor : public batch_executor {
public:
    explicit lane_executor(config::database_settings settings) : settings_(std::move(settings)) {}

    /// Where it was not called before the first transaction, that one connects.
    step connect() override;
    step perform(std::span<const std::shared_ptr<job_item>> jobs) override;
    step commit(const next_items& next) override;
    void rollback() noexcept override;

protected:
    /// Readies a new connection for deliver(). What is kept from the old one must be let go here.
    virtual void prepare(connection& opened) = 0;
    /// Begins a transaction.
    virtual void begin() { database().begin(); }
    /// Lets go of what prepare() made, before the connection is closed.
    virtual void forget() noexcept = 0;

    /// Calls `work` against a live connection; what it throws becomes the end of the step.
    template <class F>
    step during(F work) {
        if (!asked_to_connect_) {
            if (auto connected = connect(); !connected.ok()) return connected;
        }
        if (!connection_ || connection_->lost()) return {step::ending::lost, "the connection to the database is lost"};
        try {
            connection_->restart_deadline();
            return work();
        } catch (const std::exception& thrown) {
            return ended_by(thrown);
        }
    }

    [[nodiscard]] connection& database() { return *connection_; }
    [[nodiscard]] const config::database_settings& settings() const { return settings_; }

private:
    step ended_by(const std::exception& thrown) const;
    step perform_one(job_item& job, bool under_savepoint);

    config::database_settings settings_;
    std::unique_ptr<connection> connection_;
    bool asked_to_connect_ = false;
};

}  // namespace postern::storage
