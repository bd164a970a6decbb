#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "storage/login_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// Attempts to sign in on their way into the database: one job at a time, in which all that came meanwhile is written. Loop
/// thread only.
class login_log final : public std::enable_shared_from_this<login_log> {
public:
    explicit login_log(writer& writes) : writes_(&writes) {}

    void note(login attempt);

    /// The writer is about to go: nothing more is written.
    void close() { writes_ = nullptr; }

private:
    class insertion;
    using likeness = std::tuple<account_id, std::string, std::string, std::string, bool>;  // all but the time

    void write();
    void written();

    writer* writes_;
    std::map<likeness, core::timestamp> noted_;  // when last
    std::vector<login> waiting_;                 // to be written
    bool writing_ = false;
};

/// Logins in SQL.
class soci_login_store final : public login_store {
public:
    soci_login_store(read_pool& reads, writer& writes) : reads_(reads), log_(std::make_shared<login_log>(writes)) {}
    ~soci_login_store() override { log_->close(); }

    void note(login attempt) override { log_->note(std::move(attempt)); }
    net::awaitable<core::result<std::vector<login>>> list(account_id account) override;

private:
    read_pool& reads_;
    std::shared_ptr<login_log> log_;
};

}  // namespace postern::storage
