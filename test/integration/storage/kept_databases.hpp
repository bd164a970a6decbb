#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace postern::storage {
class connection;
}

namespace postern::test {

/// One of PostgreSQL's, with a session there to write with, if there is one: to begin one takes long.
struct kept_database {
    std::string name;
    std::shared_ptr<storage::connection> session;
};

/// Migrated databases without data, for one test after the other: of what most tests did, making theirs, migrating it and
/// dropping it was nearly all. PostgreSQL's are emptied and taken again, unless a test changed more than rows; SQLite's are
/// copies of one file.
class kept_databases {
public:
    static kept_databases& of_this_process();
    kept_databases(const kept_databases&) = delete;
    kept_databases& operator=(const kept_databases&) = delete;

    /// For who takes it alone until it is put back.
    kept_database take();
    /// Ends all other sessions there. Never throws: what cannot be emptied is dropped, and what cannot be dropped is said and
    /// left.
    void put_back(kept_database one) noexcept;

    /// The octets of an SQLite file.
    const std::string& sqlite_file();

private:
    kept_databases() = default;
    void drop_all();

    std::mutex mutex_;
    std::vector<kept_database> free_;
    bool ends_ = false;  // it has been said what is to happen at the process's end
    std::string file_;
};

/// The server that POSTERN_TEST_POSTGRESQL names. Both throw without it.
config::database_settings server_settings();
config::database_settings settings_of(const std::string& database);
void execute_on_server(const std::string& sql);
/// Returns when the last is gone.
void end_sessions(const std::string& database);
/// Makes an empty database with this name, or removes it and ends its sessions.
void create_on_server(const std::string& name);
void drop_on_server(const std::string& name);
std::string new_database_name();

}  // namespace postern::test
