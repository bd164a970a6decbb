#include "storage/soci/connection.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace postern::storage {
namespace {

using namespace sqlite_api;
using namespace std::string_view_literals;

using postgresql_result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

/// SOCI's own handle of the database. Its libraries hide the type information by which UBSan would check this cast.
template <class Backend>
__attribute__((no_sanitize("vptr"))) auto& handle_of(soci::session& session) {
    return static_cast<Backend*>(session.get_backend())->conn_;
}

::sqlite_api::sqlite3* open_file(const std::filesystem::path& path) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    ::sqlite_api::sqlite3* opened = nullptr;
    // Absolute, so that no name is special to SQLite (":memory:", "", "file:...").
    const int result = sqlite3_open_v2(std::filesystem::absolute(path).c_str(), &opened, flags, nullptr);
    if (result == SQLITE_OK) return opened;
    sqlite3_close(opened);
    throw database_error(errc::unavailable, fmt::format("cannot open {}: {}", path.string(), sqlite3_errstr(result)));
}

/// An empty file, which SQLite takes for an empty database, unless there is one. Everybody's mail and password hashes will be
/// in it, so it is its owner's alone; SQLite gives its log the same permissions.
void make_private_file(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) {
        throw database_error(errc::unavailable,
                             fmt::format("cannot make {}: {}", path.parent_path().string(), error.message()));
    }
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        throw database_error(errc::unavailable,
                             fmt::format("cannot make {}: {}", path.string(), std::generic_category().message(errno)));
    }
    ::close(file);
}

database_location located(const config::database_settings& settings) {
    auto location = parse_database_url(settings.url, settings.password);
    if (!location) throw database_error(errc::bad_url, location.error().message());
    return *std::move(location);
}

int past_deadline(void* deadline) {
    return std::chrono::steady_clock::now() > *static_cast<const std::chrono::steady_clock::time_point*>(deadline) ? 1 : 0;
}

void silent(void*, const char*) {}

int keep_first_column(void* into, int columns, char** values, char** /*names*/) {
    if (columns > 0 && values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
    return 0;
}

}  // namespace

connection::connection(const config::database_settings& settings, access purpose)
    : purpose_(purpose), statement_timeout_(settings.statement_timeout) {
    const auto location = located(settings);
    try {
        if (const auto* file = std::get_if<sqlite_location>(&location)) {
            open_sqlite(*file);
        } else {
            open_postgresql(std::get<postgresql_location>(location));
        }
    } catch (const std::exception& thrown) {
        throw explain(thrown);
    }
}

connection::~connection() {
    kept_.clear();
    if (sqlite_ != nullptr) sqlite3_progress_handler(sqlite_, 0, nullptr, nullptr);
}

std::unique_ptr<connection> connection::create(const config::database_settings& settings) {
    const auto location = located(settings);
    if (const auto* file = std::get_if<sqlite_location>(&location)) make_private_file(std::filesystem::absolute(file->path));
    return std::make_unique<connection>(settings, access::write);
}

void connection::open_sqlite(const sqlite_location& location) {
    kind_ = backend::sqlite;
    // Nobody asks SQLite for its statistics of memory, and keeping them takes a process-wide lock at every allocation. It must
    // be said before the first use of the library.
    [[maybe_unused]] static const int without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    session_.open(soci::sqlite3, ":memory:");
    // SOCI's own way of opening reads options out of the path and makes the file if it is missing: give it a handle of ours.
    sqlite_ = open_file(location.path);
    sqlite3_close(std::exchange(handle_of<soci::sqlite3_session_backend>(session_), sqlite_));
    sqlite3_extended_result_codes(sqlite_, 1);
    sqlite3_busy_timeout(sqlite_, static_cast<int>(statement_timeout_.count()));
    restart_deadline();
    constexpr int instructions_between_looks = 10'000;
    sqlite3_progress_handler(sqlite_, instructions_between_looks, past_deadline, &deadline_);
    // FULL, not WAL's usual NORMAL: a 250 that a power cut takes back is a lost message.
    execute("PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL;");
    if (purpose_ == access::read) return execute("PRAGMA query_only=ON;");
    execute("PRAGMA cache_size=-16384;");  // KiB: what deliveries write to, again and again, is not read back from the log
    enter_wal();
}

/// The mode is a property of the file and changes once, when the file is new. SQLite does not wait for a busy file here, as it
/// does elsewhere: two processes that make one file together meet at this line.
void connection::enter_wal() {
    for (;;) {
        std::string mode;
        const int result = sqlite3_exec(sqlite_, "PRAGMA journal_mode=WAL", keep_first_column, &mode, nullptr);
        if (result == SQLITE_OK) {
            if (mode == "wal") return;
            throw database_error(errc::failed, "the file system cannot hold SQLite's write-ahead log");
        }
        if ((result & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline_) {
            throw explain(soci::sqlite3_soci_error(sqlite3_errmsg(sqlite_), result));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void connection::open_postgresql(const postgresql_location& location) {
    kind_ = backend::postgresql;
    session_.open(soci::postgresql, location.uri);
    postgresql_ = handle_of<soci::postgresql_session_backend>(session_);
    PQsetNoticeProcessor(postgresql_, silent, nullptr);  // libpq writes notices to standard error
    // In another encoding the server would change our octets, or take any for text.
    if (const char* encoding = PQparameterStatus(postgresql_, "server_encoding"); encoding == nullptr || encoding != "UTF8"sv) {
        throw database_error(errc::failed,
                             fmt::format("the database's encoding is {}: make one with ENCODING 'UTF8' TEMPLATE template0",
                                         encoding == nullptr ? "unknown" : encoding));
    }
    const auto limit = statement_timeout_.count();
    execute(
        fmt::format("SET TimeZone = 'UTC'; SET statement_timeout = {0}; SET lock_timeout = {0}; "
                    "SET idle_in_transaction_session_timeout = {1}; SET jit = off; SET default_transaction_read_only = {2}; "
                    // Deliveries look again at rows they have just locked.
                    "SET default_transaction_isolation = 'read committed'; "
                    // A server told not to wait for its disk would make our 250 a lie; a stronger setting stays. Set in any
                    // case, so that a reload of the server's configuration changes nothing under us.
                    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
                    "ELSE current_setting('synchronous_commit') END, false);",
                    limit, 2 * limit, purpose_ == access::read ? "on" : "off"));
}

void connection::execute(const std::string& script) {
    if (kind_ == backend::sqlite) {
        const int result = sqlite3_exec(sqlite_, script.c_str(), nullptr, nullptr, nullptr);
        if (result != SQLITE_OK) throw explain(soci::sqlite3_soci_error(sqlite3_errmsg(sqlite_), result));
        return;
    }
    const postgresql_result result(PQexec(postgresql_, script.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return;
    const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const auto failure = explain(soci::postgresql_soci_error(
        result ? PQresultErrorMessage(result.get()) : PQerrorMessage(postgresql_), sqlstate != nullptr ? sqlstate : "     "));
    if (failure.code() == errc::unavailable) given_up_ = true;
    throw failure;
}

void connection::begin() { execute(kind_ == backend::sqlite && purpose_ == access::write ? "BEGIN IMMEDIATE" : "BEGIN"); }

void connection::commit() {
    if (kind_ == backend::sqlite) return execute("COMMIT");
    const postgresql_result result(PQexec(postgresql_, "COMMIT"), PQclear);
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) {
        // A transaction that had failed answers COMMIT with ROLLBACK and calls that a success.
        if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return;
        throw database_error(errc::failed, "the transaction had failed before its commit");
    }
    const char* field = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const std::string sqlstate = field != nullptr ? field : "";
    if (sqlstate.empty() || is_connection_lost(sqlstate)) {
        given_up_ = true;
        throw database_error(errc::outcome_unknown, "the connection broke during commit", sqlstate);
    }
    throw explain(soci::postgresql_soci_error(PQresultErrorMessage(result.get()), sqlstate.c_str()));
}

void connection::rollback() noexcept {
    try {
        if (kind_ == backend::sqlite && sqlite3_get_autocommit(sqlite_) != 0) return;  // the failure itself has rolled back
        if (kind_ == backend::postgresql && PQtransactionStatus(postgresql_) == PQTRANS_IDLE) return;
        if (!lost()) execute("ROLLBACK");
    } catch (const std::exception&) {
        given_up_ = true;
    }
}

void connection::reset() noexcept {
    kept_.clear();  // first: on SQLite an unfinished statement keeps its snapshot, and ROLLBACK from ending
    rollback();
}

bool connection::lost() const noexcept {
    return given_up_ || (kind_ == backend::postgresql && PQstatus(postgresql_) != CONNECTION_OK);
}

void connection::lift_deadline() {
    deadline_ = std::chrono::steady_clock::time_point::max();
    if (kind_ == backend::postgresql) execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
}

void connection::restart_deadline() noexcept { deadline_ = std::chrono::steady_clock::now() + statement_timeout_; }

}  // namespace postern::storage
