#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "net/awaitable.hpp"
#include "storage/database.hpp"
#include "test/run.hpp"

/// Databases for tests: link `test_database`.
///
///     TEST_CASE("...") {
///         test::fresh_database place(GENERATE(test::engine::sqlite, test::engine::postgresql));
///         test::open_database db(place);
///         const auto made = db.run(db->accounts().add_domain("example.test", db.clock.now()));
namespace postern::storage {
class connection;
}

namespace postern::test {

enum class engine { sqlite, postgresql };

/// An empty database of its own, gone with this object. PostgreSQL: on the server POSTERN_TEST_POSTGRESQL names; without
/// that variable the constructor throws and so fails the test. Migrated unless told otherwise.
class fresh_database {
public:
    explicit fresh_database(engine on, bool migrated = true);
    ~fresh_database();
    fresh_database(const fresh_database&) = delete;
    fresh_database& operator=(const fresh_database&) = delete;

    [[nodiscard]] engine on() const { return on_; }

    /// Runs SQL over a session that is not the server's, any number of statements. Throws when the database refuses.
    void execute(const std::string& sql) const;
    /// The first column of the first row as an integer; 0 when there is none. Throws as execute.
    [[nodiscard]] std::int64_t number(const std::string& sql) const;
    /// The first column of the first row as text; "" when there is none. Throws as execute.
    [[nodiscard]] std::string text(const std::string& sql) const;
    /// PostgreSQL: ends every other session of this database, as a server's restart would. SQLite: nothing.
    void drop_sessions() const;
    /// PostgreSQL: lets nobody connect, or lets them again. SQLite: nothing.
    void allow_connections(bool allowed) const;

    config::database_settings settings;  ///< url set; change the rest before opening

private:
    [[nodiscard]] std::shared_ptr<storage::connection> session() const;

    engine on_;
    bool migrated_;
    std::string name_;
    std::filesystem::path folder_;
    mutable std::shared_ptr<storage::connection> session_;
};

/// An open database with the loop that its answers come back on.
class open_database {
public:
    /// Throws when storage::open fails. The log goes nowhere unless POSTERN_TEST_LOG is set.
    explicit open_database(const fresh_database& place);
    ~open_database();
    open_database(const open_database&) = delete;
    open_database& operator=(const open_database&) = delete;

    storage::database* operator->() const { return database_.get(); }
    storage::database& operator*() const { return *database_; }
    [[nodiscard]] net::executor executor() { return loop.get_executor(); }

    /// Runs the loop until `task` is done; its result, or what it threw. Throws when that takes more than a minute.
    template <class T>
    T run(net::awaitable<T> task) {
        if constexpr (std::is_void_v<T>) {
            run_to_end(std::move(task));
        } else {
            std::optional<T> done;
            run_to_end(keep(std::move(task), done));
            return std::move(*done);
        }
    }

    /// Runs the loop until `reached()`, which is asked again after whatever the loop did and every few milliseconds: what
    /// another thread or process commits need not come back to this loop. Throws when that takes more than a minute.
    template <class Condition>
    void run_until(Condition reached) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!reached()) {
            if (std::chrono::steady_clock::now() >= limit) throw std::runtime_error("the loop waited a minute for an answer");
            loop.run_one_for(std::chrono::milliseconds(5));
        }
    }

    boost::asio::io_context loop;  // declared before what posts to it
    core::manual_clock clock{core::timestamp(std::chrono::microseconds(1'764'000'000'123'456))};  // 2025-11-24T16:00:00.123456Z

private:
    /// Spawns one kind of coroutine only: what Asio makes of each kind is most of what a test would compile to.
    void run_to_end(net::awaitable<void> task);

    boost::asio::executor_work_guard<net::executor> work_;
    std::unique_ptr<storage::database> database_;
};

}  // namespace postern::test
