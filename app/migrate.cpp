#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/commands.hpp"
#include "app/machine.hpp"
#include "app/output.hpp"
#include "storage/database.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

json::array to_json(const std::vector<storage::migration>& steps, bool with_sql) {
    json::array all;
    for (const auto& s : steps) {
        json::object step{{"version", s.version}, {"name", s.name}};
        if (with_sql) step["sql"] = s.sql;
        all.push_back(std::move(step));
    }
    return all;
}

exit_code show_pending(const invocation& call, const config::database_settings& settings) {
    const auto status = storage::inspect_schema(settings);
    if (!status) return refuse(status.error().message());
    if (call.has("json")) {
        print_json(json::object{{"database_version", status->database_version},
                                {"program_version", status->program_version},
                                {"pending", to_json(status->pending, true)}});
        return exit_code::done;
    }
    for (const auto& s : status->pending) fmt::print("-- {:04} {}\n{}\n", s.version, s.name, s.sql);
    fmt::print("-- The database is at schema version {}, the program at {}: {}.\n", status->database_version,
               status->program_version, status->pending.empty() ? "nothing to do" : "nothing was changed");
    return exit_code::done;
}

exit_code migrate(const invocation& call) {
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const auto& settings = loaded->values.database;
    if (call.has("dry-run")) return show_pending(call, settings);
    // Before the server's first start; with a database elsewhere this machine need not have the folder.
    const auto& data_dir = loaded->values.server.data_dir;
    if (settings.url.starts_with("sqlite://" + (data_dir / "").string())) {
        if (const auto made = make_data_dir(data_dir); !made) return refuse(made.error());
    }
    const auto applied = storage::migrate(settings, core::system_clock{});
    if (!applied) return refuse(applied.error().message());
    if (call.has("json")) {
        print_json(json::object{{"database_version", storage::schema_version()}, {"applied", to_json(*applied, false)}});
        return exit_code::done;
    }
    for (const auto& s : *applied) fmt::print("Applied {:04} {}.\n", s.version, s.name);
    fmt::print("The database is at schema version {}.\n", storage::schema_version());
    return exit_code::done;
}

void describe_migrate(boost::program_options::options_description& options) {
    describe_json(options);
    options.add_options()("dry-run", "show what would be done, as SQL, and change nothing");
}

}  // namespace

std::span<const command> migrate_commands() {
    static constexpr command commands[] = {
        {"migrate", "", 0, 0, "Brings the database's schema up to date",
         "Each step is one transaction. Several processes may try at once: one does it, the others wait.", describe_migrate,
         migrate},
    };
    return commands;
}

}  // namespace postern::app
