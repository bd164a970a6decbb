#include "test/database.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>

#include "core/random.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/query.hpp"

namespace postern::test {
namespace {

std::string server_url() {
    const char* url = std::getenv("POSTERN_TEST_POSTGRESQL");
    if (url == nullptr || *url == '\0') {
        throw std::runtime_error(
            "POSTERN_TEST_POSTGRESQL is not set: it names the PostgreSQL server to test on (test/run sets it)");
    }
    return url;
}

/// The same server, another database: the path of the URL replaced.
std::string with_database(const std::string& url, const std::string& name) {
    const auto host = url.find("://") + 3;
    const auto path = url.find_first_of("/?", host);
    const auto parameters = url.find('?', host);
    return url.substr(0, path) + '/' + name + (parameters == std::string::npos ? "" : url.substr(parameters));
}

void on_server(const std::string& sql) {
    config::database_settings server;
    server.url = server_url();
    storage::connection(server, storage::access::write).execute(sql);
}

}  // namespace

fresh_database::fresh_database(engine on, bool migrated) : on_(on) {
    core::system_random random;
    name_ = "postern_test_" + core::random_text(random, 16);
    settings.read_sessions = 2;
    if (on_ == engine::sqlite) {
        folder_ = std::filesystem::temp_directory_path() / name_;
        std::filesystem::create_directory(folder_);
        settings.url = "sqlite://" + (folder_ / "postern.db").string();
    } else {
        on_server("CREATE DATABASE " + name_ + " ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C.UTF-8'");
        settings.url = with_database(server_url(), name_);
    }
    if (!migrated) return;
    if (const auto done = storage::migrate(settings, core::system_clock()); !done) {
        throw std::runtime_error("migrating a new database: " + done.error().message());
    }
}

fresh_database::~fresh_database() {
    try {
        if (on_ == engine::sqlite) {
            std::filesystem::remove_all(folder_);
        } else {
            on_server(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_));
        }
    } catch (const std::exception& left_behind) {
        fmt::print(stderr, "{} could not be removed: {}\n", name_, left_behind.what());
    }
}

void fresh_database::execute(const std::string& sql) const { storage::connection::create(settings)->execute(sql); }

std::int64_t fresh_database::number(const std::string& sql) const {
    storage::connection session(settings, storage::access::read);
    std::int64_t value = 0;
    storage::query(session, sql).into(value).next();
    return value;
}

std::string fresh_database::text(const std::string& sql) const {
    storage::connection session(settings, storage::access::read);
    std::string value;
    storage::query(session, sql).into(value).next();
    return value;
}

void fresh_database::drop_sessions() const {
    if (on_ == engine::sqlite) return;
    on_server(fmt::format("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{}'", name_));
}

void fresh_database::allow_connections(bool allowed) const {
    if (on_ == engine::sqlite) return;
    on_server(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS {}", name_, allowed));
}

open_database::open_database(const fresh_database& place) : work_(loop.get_executor()) {
    const auto log = std::getenv("POSTERN_TEST_LOG") != nullptr ? core::logger(core::log_level::debug, core::log_format::text)
                                                                : core::logger();
    auto opened = storage::open(loop.get_executor(), place.settings, clock, log);
    if (!opened) throw std::runtime_error("opening the database: " + opened.error().message());
    database_ = *std::move(opened);
}

void open_database::run_to_end(net::awaitable<void> task) {
    bool ended = false;
    std::exception_ptr failed;
    boost::asio::co_spawn(loop.get_executor(), std::move(task), [&](std::exception_ptr thrown) {
        failed = thrown;
        ended = true;
    });
    run_until([&] { return ended; });
    if (failed) std::rethrow_exception(failed);
}

open_database::~open_database() {
    database_.reset();  // its threads post their last answers; nobody waits for them any more
    loop.poll();
}

}  // namespace postern::test
