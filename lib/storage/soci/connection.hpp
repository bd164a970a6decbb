#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>

#include <soci/soci.h>

#include "config/settings.hpp"
#include "storage/soci/database_error.hpp"
#include "storage/soci/database_url.hpp"

// libpq's and SQLite's own handles, without their headers: soci/postgresql/soci-postgresql.h and
// soci/sqlite3/soci-sqlite3.h bring those in (SQLite's inside namespace sqlite_api, so never include <sqlite3.h>).
struct pg_conn;
namespace sqlite_api {
struct sqlite3;
}

namespace postern::storage {

enum class backend { sqlite, postgresql };

/// What a session is for. A reading one cannot write, whatever a bug asks of it.
enum class access { read, write };

/// One session with the database, used by one thread at a time, through SOCI or through its own library's handle.
///
/// Blocks; calls throw database_error or what SOCI throws: explain() makes the former of either. A session that is lost()
/// never comes back: destroy it and make another. SQLite: WAL, synchronous=FULL, foreign keys on. PostgreSQL: UTF-8, UTC,
/// synchronous_commit not off; a statement or a lock wait is given up after database.statement_timeout on both.
class connection {
public:
    /// Connects. SQLite: the file must exist (a path mistyped must not become an empty database); see create().
    connection(const config::database_settings& settings, access purpose);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// The same, to write, and on SQLite makes the file and its folder where they are missing.
    [[nodiscard]] static std::unique_ptr<connection> create(const config::database_settings& settings);

    [[nodiscard]] backend kind() const noexcept { return kind_; }
    soci::session& sql() noexcept { return session_; }

    /// SOCI's own handle of the database, for what SOCI cannot say; null for the other database.
    [[nodiscard]] pg_conn* postgresql() const noexcept { return postgresql_; }
    [[nodiscard]] sqlite_api::sqlite3* sqlite() const noexcept { return sqlite_; }

    /// Runs SQL without parameters or results, any number of statements, split by the database itself.
    void execute(const std::string& script);

    /// Begins a transaction; on SQLite BEGIN IMMEDIATE when this session writes, so that a busy database is known now.
    void begin();
    /// outcome_unknown when the connection broke while the database was committing; any other error means nothing was stored.
    void commit();
    /// Ends a transaction if there is one. Never throws: what cannot be rolled back is lost with its connection.
    void rollback() noexcept;
    /// After a failure: rolls back and forgets what was kept(), so that the next job finds a session as if new.
    void reset() noexcept;

    /// Whether the session is over. True after any call failed with errc::unavailable.
    [[nodiscard]] bool lost() const noexcept;
    /// Declares it over, for a caller that saw it fail in a way only it can judge.
    void give_up() noexcept { given_up_ = true; }

    /// Gives the work that follows database.statement_timeout from now on. Needed on SQLite, where no statement has a limit of
    /// its own; call it before each job. Nothing on PostgreSQL.
    void restart_deadline() noexcept;
    /// Lets statements run as long as they take: for migrations. Lock waits keep their limit.
    void lift_deadline();

    /// One T per session, made from this connection when first asked for and destroyed before the session: a home for
    /// prepared statements.
    template <class T>
    T& kept() {
        auto& slot = kept_[typeid(T)];
        if (!slot) slot = std::make_shared<T>(*this);
        return *static_cast<T*>(slot.get());
    }

private:
    void open_sqlite(const sqlite_location& location);
    void enter_wal();
    void open_postgresql(const postgresql_location& location);

    access purpose_;
    std::chrono::milliseconds statement_timeout_;
    backend kind_ = backend::sqlite;
    pg_conn* postgresql_ = nullptr;
    sqlite_api::sqlite3* sqlite_ = nullptr;
    bool given_up_ = false;
    std::chrono::steady_clock::time_point deadline_;
    soci::session session_;
    std::unordered_map<std::type_index, std::shared_ptr<void>> kept_;  // last: statements go before their session
};

}  // namespace postern::storage
