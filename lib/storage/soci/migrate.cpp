#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "storage/database.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/embedded_migrations.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/schema_look.hpp"

namespace postern::storage {
namespace {

/// "POSTERN" in ASCII: the advisory lock that only one migrating process holds in a PostgreSQL database.
constexpr std::int64_t migration_lock = 0x00504F535445524E;

bool has_version_table(connection& on) {
    std::int64_t found = 0;
    query look(on, on.kind() == backend::sqlite
                       ? "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
                       : "SELECT CAST(to_regclass('schema_version') IS NOT NULL AS integer)");
    look.into(found).next();
    return found != 0;
}

migration_status pending_after(int version, backend on) {
    const auto steps = embedded_migrations(on);
    migration_status status{version, static_cast<int>(steps.size()), {}};
    for (const auto& step : steps.subspan(static_cast<std::size_t>(version))) {
        status.pending.push_back({step.version, std::string(step.name), std::string(step.sql)});
    }
    return status;
}

migration_status status_of(connection& on) {
    std::int64_t version = 0;
    std::string name;
    if (has_version_table(on)) {
        query newest(on, "SELECT version, name FROM schema_version ORDER BY version DESC LIMIT 1");
        newest.into(version).into(name).next();
    }
    const auto known = std::ssize(embedded_migrations(on.kind()));
    if (version > known) {
        throw database_error(errc::schema_newer,
                             fmt::format("the database is at schema version {} ({}) and this program knows none after {}: "
                                         "run the newer program that migrated it, or restore a backup from before",
                                         version, name, known));
    }
    return pending_after(static_cast<int>(version), on.kind());
}

/// Waits until no other process migrates, at most for lock_timeout.
void take_migration_lock(connection& on) {
    try {
        on.execute(fmt::format("SELECT pg_advisory_lock({})", migration_lock));
    } catch (const database_error& failure) {
        if (failure.sqlstate() != "55P03" && failure.sqlstate() != "57014") throw;  // whichever limit is first
        throw database_error(errc::failed,
                             "another process is migrating this database and has not finished: see pg_stat_activity for "
                             "application_name 'postern' and pg_locks for locktype 'advisory'",
                             failure.sqlstate());
    }
}

void record(connection& on, const migration& step, core::timestamp now) {
    on.execute(on.kind() == backend::sqlite
                   ? "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT "
                     "NOT NULL, applied_at INTEGER NOT NULL) STRICT"
                   : "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text "
                     "NOT NULL, applied_at timestamptz NOT NULL)");
    query insert(on, "INSERT INTO schema_version (version, name, applied_at) VALUES (:version, :name, " +
                         dialect::time(on.kind(), ":now") + ")");
    insert.use("version", std::int64_t{step.version}).use("name", step.name).use("now", now).run();
}

/// With foreign keys not enforced, a step can rebuild a table others refer to (sqlite.org/lang_altertable.html, 7); before it
/// counts, every reference must hold.
void check_references(connection& on) {
    std::string table;
    query broken(on, "SELECT \"table\" FROM pragma_foreign_key_check");
    if (broken.into(table).next()) {
        throw database_error(errc::failed, fmt::format("table {} has references to rows that do not exist", table));
    }
}

void apply_step(connection& on, const migration& step, core::timestamp now) {
    try {
        on.execute(step.sql);
        record(on, step, now);
        if (on.kind() == backend::sqlite) check_references(on);
    } catch (const std::exception& thrown) {
        const auto failure = explain(thrown);
        throw database_error(failure.code(), fmt::format("migration {:04}_{}: {}", step.version, step.name, failure.what()),
                             failure.sqlstate());
    }
}

/// The next step that the database itself says is missing, in a transaction of its own; nullopt when there is none.
std::optional<migration> apply_next(connection& on, core::timestamp now) {
    on.begin();  // on SQLite this is also the lock, so what is pending is known only now
    try {
        const auto pending = status_of(on).pending;
        if (pending.empty()) {
            on.rollback();
            return std::nullopt;
        }
        apply_step(on, pending.front(), now);
        on.commit();
        return pending.front();
    } catch (...) {
        on.rollback();
        throw;
    }
}

std::vector<migration> apply_all(connection& on, core::timestamp now) {
    if (on.kind() == backend::postgresql) {
        take_migration_lock(on);  // let go with the session
    } else {
        on.execute("PRAGMA foreign_keys = OFF");  // has no effect inside a transaction
    }
    on.lift_deadline();  // a step may rewrite a large table
    std::vector<migration> applied;
    while (auto step = apply_next(on, now)) applied.push_back(*std::move(step));
    return applied;
}

/// An SQLite file that is not there yet, which must not be made by looking at it.
bool is_missing_file(const database_location& location) {
    const auto* file = std::get_if<sqlite_location>(&location);
    std::error_code error;
    return file != nullptr && !std::filesystem::exists(file->path, error) && !error;
}

}  // namespace

int schema_version() noexcept { return static_cast<int>(embedded_migrations(backend::sqlite).size()); }

core::result<migration_status> inspect_schema(const config::database_settings& settings) {
    auto look = look_at_schema(settings);
    if (!look) return std::unexpected(look.error());
    return std::move(look->status);
}

core::result<schema_look> look_at_schema(const config::database_settings& settings) {
    const auto location = parse_database_url(settings.url, settings.password);
    if (!location) return std::unexpected(location.error());
    try {
        if (is_missing_file(*location)) {
            return schema_look{pending_after(0, backend::sqlite), nullptr};
        }
        auto on = std::make_unique<connection>(settings, access::read);
        auto status = status_of(*on);
        return schema_look{std::move(status), std::move(on)};
    } catch (const std::exception& thrown) {
        return std::unexpected(to_error(thrown));
    }
}

core::result<std::vector<migration>> migrate(const config::database_settings& settings, const core::clock& clock) {
    try {
        const auto on = connection::create(settings);
        return apply_all(*on, clock.now());
    } catch (const std::exception& thrown) {
        return std::unexpected(to_error(thrown));
    }
}

}  // namespace postern::storage
