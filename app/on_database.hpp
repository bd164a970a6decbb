#pragma once

#include "account/administration.hpp"
#include "account/app_passwords.hpp"
#include "app/command.hpp"
#include "net/awaitable.hpp"
#include "storage/database.hpp"

namespace postern::app {

/// What a command that works on the database gets. All of it lives until the command has ended.
struct services {
    storage::database& database;
    account::administration& administration;
    account::app_passwords& app_passwords;
    const config::settings& settings;
    const core::clock& clock;
    core::logger log;
};

using database_work = net::awaitable<exit_code> (*)(services on, const invocation& call);

/// Loads the settings, opens the database, whose schema must be current, and runs `work` on a loop of its own to its end.
[[nodiscard]] exit_code on_database(const invocation& call, database_work work);

/// What a person is told about a database that does not open.
[[nodiscard]] std::string explain_database(const core::error& why);

/// The log of a command: warnings and errors only, since people read the same standard error.
[[nodiscard]] core::logger command_log(const config::log_settings& settings);

}  // namespace postern::app
