#include "kept_databases.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "storage/database.hpp"
#include "storage/soci/connection.hpp"

namespace postern::test {
namespace {

using storage::connection;

/// The same server, another database: the path of the URL replaced.
std::string with_database(const std::string& url, const std::string& name) {
    const auto host = url.find("://") + 3;
    const auto path = url.find_first_of("/?", host);
    const auto parameters = url.find('?', host);
    return url.substr(0, path) + '/' + name + (parameters == std::string::npos ? "" : url.substr(parameters));
}

std::string octets_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
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
    session->execute(octets_of(POSTERN_KEEP_DATABASE));
    // Said only now, when libpq and what it uses have said theirs, so that it comes before them.
    if (!std::exchange(ends_, true)) std::atexit([] { of_this_process().drop_all(); });
    return {name, std::move(session)};
}

void kept_databases::put_back(kept_database one) noexcept {
    const std::lock_guard lock(mutex_);
    try {
        if (!one.session || one.session->lost()) {
            one.session = std::make_shared<connection>(settings_of(one.name), storage::access::write);
        }
        one.session->execute("SELECT kept.restore()");
        free_.push_back(std::move(one));
        return;
    } catch (const std::exception& unusable) {
        static_cast<void>(unusable);  // a test changed more than rows, or lets nobody connect
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
    file_ = octets_of(path);
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
