#include "test/database.hpp"

#include <exception>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>

#include "kept_databases.hpp"
#include "storage/soci/connection.hpp"
#include "storage/soci/query.hpp"

namespace postern::test {

fresh_database::fresh_database(engine on, bool migrated) : on_(on), migrated_(migrated) {
    if (on_ == engine::postgresql) {
        if (migrated_) {
            auto [name, session] = kept_databases::of_this_process().take();
            name_ = name;
            session_ = session;
        } else {
            name_ = new_database_name();
            create_on_server(name_);
        }
        settings = settings_of(name_);
    } else {
        name_ = new_database_name();
        folder_ = std::filesystem::temp_directory_path() / name_;
        std::filesystem::create_directory(folder_);
        const auto path = folder_ / "postern.db";
        settings.url = "sqlite://" + path.string();
        if (migrated_) {
            std::ofstream(path, std::ios::binary) << kept_databases::of_this_process().sqlite_file();
            std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        }
    }
    settings.read_sessions = 2;
}

fresh_database::~fresh_database() {
    if (on_ == engine::postgresql) {
        if (migrated_) {
            kept_databases::of_this_process().put_back({name_, std::move(session_)});
        } else {
            session_.reset();
            drop_on_server(name_);
        }
        return;
    }
    std::error_code left_behind;
    std::filesystem::remove_all(folder_, left_behind);
    if (left_behind) fmt::print(stderr, "{} could not be removed: {}\n", folder_.string(), left_behind.message());
}

/// Kept on PostgreSQL, where a new one takes long; SQLite's last session to end cleans up after itself, which tests look at.
std::shared_ptr<storage::connection> fresh_database::session() const {
    if (on_ == engine::sqlite) return storage::connection::create(settings);
    if (!session_ || session_->lost())
        session_ = std::make_shared<storage::connection>(settings_of(name_), storage::access::write);
    return session_;
}

void fresh_database::execute(const std::string& sql) const { session()->execute(sql); }

std::int64_t fresh_database::number(const std::string& sql) const {
    const auto on = session();
    std::int64_t value = 0;
    storage::query(*on, sql).into(value).next();
    return value;
}

std::string fresh_database::text(const std::string& sql) const {
    const auto on = session();
    std::string value;
    storage::query(*on, sql).into(value).next();
    return value;
}

void fresh_database::drop_sessions() const {
    if (on_ == engine::sqlite) return;
    session_.reset();
    end_sessions(name_);
}

void fresh_database::allow_connections(bool allowed) const {
    if (on_ == engine::sqlite) return;
    execute_on_server(fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS {}", name_, allowed));
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
