#include "app/on_database.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "app/stops_loop.hpp"
#include "net/task_group.hpp"

namespace postern::app {

namespace {

struct running_command {
    services on;
    const invocation& call;
    database_work work;
    boost::asio::io_context& loop;
    exit_code code = exit_code::refused;  // stays when an exception escapes, which the task group logs
};

net::awaitable<void> run_to_end(std::shared_ptr<running_command> command) {
    const stops_loop at_end(command->loop);  // the database may still wait for what concerns nobody now
    command->code = co_await command->work(command->on, command->call);
}

}  // namespace

exit_code on_database(const invocation& call, database_work work) {
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const auto log = command_log(loaded->values.log);
    const core::system_clock clock;
    boost::asio::io_context loop{1};
    auto database_settings = loaded->values.database;
    database_settings.read_sessions = 1;  // a command does one thing after the other
    const auto database = storage::open(loop.get_executor(), database_settings, clock, log.module("storage"), {},
                                        storage::connecting::when_needed);
    if (!database) return refuse(explain_database(database.error()));
    account::password_hasher hasher{1, account::password_hasher::usual_queue, loaded->values.limits.password_memory};
    account::administration administration((*database)->accounts(), hasher, clock, log.module("account"));

    core::system_random random;
    account::app_passwords app_passwords((*database)->accounts(), (*database)->app_passwords(), hasher, random, clock,
                                         log.module("account"));

    const services on{**database, administration, app_passwords, loaded->values, clock, log};
    const auto command = std::make_shared<running_command>(on, call, work, loop);
    net::task_group tasks(loop.get_executor(), log);
    tasks.spawn(run_to_end(command), call.command);
    loop.run();
    return command->code;
}

std::string explain_database(const core::error& why) {
    if (why.code == storage::errc::schema_older)
        return why.message() + ": run `postern migrate`, or start the server, which does it unless database.migrate is off";
    return why.message();
}

core::logger command_log(const config::log_settings& settings) {
    return {std::max(settings.level, core::log_level::warning), settings.format};
}

}  // namespace postern::app
