#include "storage/soci/lane_executor.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace postern::storage {
namespace {

using ending = step::ending;

ending ending_of_sqlstate(const std::string& sqlstate) {
    if (sqlstate == "40001" || sqlstate == "40P01") return ending::conflict;  // serialization failure, deadlock
    if (sqlstate == "57014" || sqlstate == "55P03") return ending::timeout;   // statement_timeout, lock_timeout
    return ending::refused;
}

ending ending_of_sqlite(int result) {
    switch (result & 0xff) {
        case SQLITE_BUSY:  // only after connection's busy timeout: another process holds the file's write lock
        case SQLITE_INTERRUPT: return ending::timeout;
        default: return ending::refused;
    }
}

bool in_transaction(connection& database) {
    return database.kind() == backend::postgresql || sqlite_api::sqlite3_get_autocommit(database.sqlite()) == 0;
}

}  // namespace

step lane_executor::connect() {
    asked_to_connect_ = true;
    try {
        forget();
        connection_.reset();
        connection_ = std::make_unique<connection>(settings_, access::write);
        prepare(*connection_);
        return {};
    } catch (const std::exception& thrown) {
        forget();
        connection_.reset();
        return {ending::lost, explain(thrown).what()};
    }
}

step lane_executor::perform(std::span<const std::shared_ptr<job_item>> jobs) {
    return during([&] {
        begin();
        for (const auto& job : jobs) {
            if (auto ended = perform_one(*job, jobs.size() > 1); !ended.ok()) return ended;
        }
        return step{};
    });
}

/// A job alone needs no savepoint: when it fails there is nothing else to commit.
step lane_executor::perform_one(job_item& job, bool under_savepoint) {
    if (under_savepoint) database().execute("SAVEPOINT job");
    database().restart_deadline();
    try {
        if (auto done = job.perform(database()); !done) job.conclude(std::move(done));
    } catch (const std::exception& thrown) {
        const auto ended = ended_by(thrown);
        if (ended.end == ending::lost || ended.end == ending::conflict) return ended;
        job.conclude(std::unexpected(to_error(thrown)));
    }
    if (database().lost()) return {ending::lost, "the connection to the database is lost"};
    // A full disk, among others, makes SQLite roll back everything of its own accord.
    if (!in_transaction(database())) return {ending::refused, job.outcome() ? "rolled back" : job.outcome().error().message()};
    if (under_savepoint) database().execute(job.outcome() ? "RELEASE job" : "ROLLBACK TO job; RELEASE job");
    return {};
}

step lane_executor::commit(const next_items&) {
    return during([this] {
        try {
            database().commit();
            return step{};
        } catch (const database_error& thrown) {
            if (thrown.code() == errc::outcome_unknown) return step{ending::unknown, thrown.what()};
            // SQLite could not finish its log: a crash now might still bring the transaction back from it.
            if (database().kind() == backend::sqlite &&
                (sqlite_api::sqlite3_errcode(database().sqlite()) & 0xff) == SQLITE_IOERR) {
                return step{ending::unknown, thrown.what()};
            }
            throw;
        }
    });
}

void lane_executor::rollback() noexcept {
    if (connection_ && !connection_->lost()) connection_->rollback();
}

step lane_executor::ended_by(const std::exception& thrown) const {
    const auto error = explain(thrown);
    if (error.code() == errc::unavailable || connection_->lost()) {
        connection_->give_up();
        return {ending::lost, error.what()};
    }
    return {connection_->kind() == backend::postgresql ? ending_of_sqlstate(error.sqlstate())
                                                       : ending_of_sqlite(sqlite_api::sqlite3_errcode(connection_->sqlite())),
            error.what()};
}

}  // namespace postern::storage
