#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "storage/database.hpp"

namespace postern::app {

namespace {

exit_code show_versions(const invocation& call) {
    if (call.has("json"))
        print_json(boost::json::object{{"version", POSTERN_VERSION}, {"schema_version", storage::schema_version()}});
    else
        fmt::print("postern {} (schema version {})\n", POSTERN_VERSION, storage::schema_version());
    return exit_code::done;
}

}  // namespace

std::span<const command> version_commands() {
    static constexpr command commands[] = {
        {"version", "", 0, 0, "Shows the versions of the program and of its database schema", "", describe_json, show_versions},
    };
    return commands;
}

}  // namespace postern::app
