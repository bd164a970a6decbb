#include "kept_databases.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "storage/database.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/query.hpp"

namespace postern::test {
namespace {

using storage::connection;
using storage::query;

/// The same server, another database: the path of the URL replaced.
std::string with_database(const std::string& url, const std::string& name) {
    const auto host = url.find("://") + 3;
    const auto path = url.find_first_of("/?", host);
    const auto parameters = url.find('?', host);
    return url.substr(0, path) + '/' + name + (parameters == std::string::npos ? "" : url.substr(parameters));
}

std::string text_of(connection& on, const std::string& sql) {
    std::string text;
    query(on, sql).into(text).next();
    return text;
}

/// Tables, columns, constraints, triggers, functions, and what is set for the database.
std::string structure_of(connection& on) {
    return text_of(on,
                   "SELECT string_agg(line, ' ' ORDER BY line) FROM ("
                   "SELECT format('%s %s %s %s', relname, relkind, relchecks, reloptions) AS line FROM pg_class"
                   " WHERE relnamespace = CAST('public' AS regnamespace)"
                   " UNION ALL SELECT format('%s %s %s %s', c.relname, a.attname, a.atttypid, a.attnotnull) FROM pg_attribute a"
                   " JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = CAST('public' AS regnamespace)"
                   " UNION ALL SELECT format('%s %s', conname, convalidated) FROM pg_constraint"
                   " WHERE connamespace = CAST('public' AS regnamespace)"
                   " UNION ALL SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal"
                   " UNION ALL SELECT format('%s %s', proname, prosrc) FROM pg_proc"
                   " WHERE pronamespace = CAST('public' AS regnamespace)"
                   " UNION ALL SELECT format('%s', setconfig) FROM pg_db_role_setting"
                   " WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())) f");
}

/// SQL that writes every row there is, and lets every sequence stand where it does.
std::string contents_of(connection& on) {
    std::vector<std::string> tables;
    {
        std::string table;
        query rows(on,
                   "SELECT CAST(CAST(oid AS regclass) AS text) FROM pg_class WHERE relkind = 'r'"
                   " AND relnamespace = CAST('public' AS regnamespace)");
        rows.into(table);
        while (rows.next()) tables.push_back(table);
    }
    std::string sql;
    for (const auto& table : tables) {
        sql +=
            text_of(on, fmt::format("SELECT COALESCE(format('INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(CAST(NULL"
                                    " AS {0}), %L);', (SELECT jsonb_agg(to_jsonb(t)) FROM {0} t)), '') WHERE EXISTS"
                                    " (SELECT 1 FROM {0})",
                                    table));
    }
    return sql + text_of(on,
                         "SELECT COALESCE(string_agg(format('SELECT setval(%L, %s, %L);', format('%I.%I', schemaname,"
                         " sequencename), COALESCE(last_value, start_value), last_value IS NOT NULL), ''), '')"
                         " FROM pg_sequences WHERE schemaname = 'public'");
}

/// In one transaction, as all that is sent at once. What is large is cut off: the next test is not to read through its remains.
std::string emptying(const std::string& contents) {
    return "SET LOCAL session_replication_role = replica; SET LOCAL synchronous_commit = off;"
           "DO $$ DECLARE one regclass; BEGIN"
           " FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace) LOOP"
           " IF pg_table_size(one) > 1000000 THEN EXECUTE format('TRUNCATE %s CASCADE', one);"
           " ELSE EXECUTE format('DELETE FROM %s', one); END IF;"
           " END LOOP; END $$;" +
           contents;
}

/// Of those there are; new ones may begin meanwhile. Waits for their ends by itself: pg_terminate_backend looks every tenth of
/// a second.
std::string ending_sessions(const std::string& name) {
    return fmt::format(
        "DO $$ DECLARE old integer[] := ARRAY(SELECT pid FROM pg_stat_activity WHERE datname = '{}' AND pid <> "
        "pg_backend_pid());"
        " BEGIN PERFORM pg_terminate_backend(pid) FROM unnest(old) AS u (pid); FOR i IN 1..5000 LOOP"
        " PERFORM pg_stat_clear_snapshot();"
        " IF NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = ANY (old)) THEN RETURN; END IF; PERFORM pg_sleep(0.002);"
        " END LOOP; RAISE 'sessions that do not end'; END $$;",
        name);
}

}  // namespace

kept_databases& kept_databases::of_this_process() {
    static kept_databases all;
    return all;
}

void kept_databases::drop_all() {
    for (auto& one : free_) {
        one.session.reset();
        drop_on_server(one.name);
    }
    free_.clear();
}

kept_database kept_databases::take() {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
        auto one = std::move(free_.back());
        free_.pop_back();
        return one;
    }
    const auto name = new_database_name();
    create_on_server(name);
    const auto settings = settings_of(name);
    if (const auto done = storage::migrate(settings, core::system_clock()); !done) {
        throw std::runtime_error("migrating a new database: " + done.error().message());
    }
    auto session = std::make_shared<connection>(settings, storage::access::write);
    if (structure_.empty()) {
        structure_ = structure_of(*session);
        contents_ = contents_of(*session);
        // Said only now, when libpq and what it uses have said theirs, so that it comes before them.
        std::atexit([] { of_this_process().drop_all(); });
    }
    return {name, std::move(session)};
}

void kept_databases::put_back(kept_database one) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        if (!one.session || one.session->lost()) {
            one.session = std::make_shared<connection>(settings_of(one.name), storage::access::write);
        }
        one.session->execute(ending_sessions(one.name));
        if (structure_of(*one.session) == structure_) {
            one.session->execute(emptying(contents_));
            free_.push_back(std::move(one));
            return;
        }
    } catch (const std::exception& unusable) {
        static_cast<void>(unusable);  // a test that lets nobody connect is one reason
    }
    one.session.reset();
    drop_on_server(one.name);
}

const std::string& kept_databases::sqlite_file() {
    const std::lock_guard lock(mutex_);
    if (!file_.empty()) return file_;
    const auto folder = std::filesystem::temp_directory_path() / new_database_name();
    std::filesystem::create_directory(folder);
    config::database_settings settings;
    const auto path = folder / "postern.db";
    settings.url = "sqlite://" + path.string();
    if (const auto done = storage::migrate(settings, core::system_clock()); !done) {
        throw std::runtime_error("migrating a new database: " + done.error().message());
    }
    {
        std::ifstream made(path, std::ios::binary);
        file_.assign(std::istreambuf_iterator<char>(made), {});
    }
    std::filesystem::remove_all(folder);
    return file_;
}

config::database_settings server_settings() {
    const char* url = std::getenv("POSTERN_TEST_POSTGRESQL");
    if (url == nullptr || *url == '\0') {
        throw std::runtime_error(
            "POSTERN_TEST_POSTGRESQL is not set: it names the PostgreSQL server to test on (test/run sets it)");
    }
    config::database_settings server;
    server.url = url;
    return server;
}

config::database_settings settings_of(const std::string& database) {
    auto settings = server_settings();
    settings.url = with_database(settings.url, database);
    return settings;
}

void execute_on_server(const std::string& sql) { connection(server_settings(), storage::access::write).execute(sql); }

void end_sessions(const std::string& name) { execute_on_server(ending_sessions(name)); }

void create_on_server(const std::string& name) {
    execute_on_server("CREATE DATABASE " + name + " ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C.UTF-8'");
}

void drop_on_server(const std::string& name) {
    try {
        execute_on_server(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
    } catch (const std::exception& left_behind) {
        fmt::print(stderr, "{} could not be removed: {}\n", name, left_behind.what());
    }
}

std::string new_database_name() {
    core::system_random random;
    return "postern_test_" + core::random_text(random, 16);
}

}  // namespace postern::test
