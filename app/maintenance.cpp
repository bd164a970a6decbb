#include "storage/maintenance.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "app/progress.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

exit_code back_up(const invocation& call) {
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const auto& file = call.arguments[0];
    progress bar("backup");
    const auto done = storage::backup(loaded->values.database, file,
                                      [&bar](std::uint64_t pages, std::uint64_t all) { bar.show(pages, all); });
    bar.clear();
    if (!done) return refuse(done.error().message());
    if (call.has("json"))
        print_json(json::object{{"file", file}});
    else
        fmt::print("The database is in {}. To check it: postern verify --database.url sqlite://{}\n", file,
                   std::filesystem::absolute(file).string());
    return exit_code::done;
}

/// As JSON the findings are written as they come, since there is no bound to how many there are.
void tell(const storage::damage& d, bool as_json, bool first) {
    if (as_json)
        fmt::print("{}{}", first ? "" : ",", json::serialize(json::object{{"subject", d.subject}, {"text", d.text}}));
    else
        fmt::print("{}: {}\n", d.subject, printable(d.text));
}

exit_code verify(const invocation& call) {
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    const bool as_json = call.has("json");
    progress bar("verify");
    bool first = true;
    bool begun = false;
    const auto begin = [&] {
        if (as_json && !std::exchange(begun, true)) fmt::print("{{\"findings\":[");
    };
    const auto found = [&](const storage::damage& d) {
        bar.clear();
        begin();
        tell(d, as_json, std::exchange(first, false));
    };
    const auto sum = storage::verify(loaded->values.database, found,
                                     [&bar](std::uint64_t octets, std::uint64_t all) { bar.show(octets, all); });
    bar.clear();
    if (!sum) {
        if (begun) fmt::print("]}}\n");
        return refuse(explain_database(sum.error()));
    }
    begin();
    if (as_json)
        fmt::print("],\"messages\":{},\"octets\":{},\"mailboxes\":{}}}\n", sum->messages, sum->octets, sum->mailboxes);
    else
        fmt::print("{} messages with {} octets in {} mailboxes: {}.\n", sum->messages, sum->octets, sum->mailboxes,
                   sum->damages == 0 ? "all is well" : fmt::format("{} damages", sum->damages));
    return sum->damages == 0 ? exit_code::done : refuse("the database is damaged: restore a backup that verifies");
}

}  // namespace

std::span<const command> maintenance_commands() {
    static constexpr command commands[] = {
        {"backup", "FILE", 1, 1, "Copies an SQLite database into one file while servers use it",
         "FILE must not exist. Of a PostgreSQL database it tells the command that does the same.", describe_json, back_up},
        {"verify", "", 0, 0, "Reads the whole database and tells what in it is damaged",
         "Every message's octets are read and compared with their SHA-256, every count with what is there, and the database's "
         "own\n"
         "structures are checked. Servers may go on meanwhile. Each damage is a line; with one the exit code is 1. A backup "
         "is\n"
         "verified with --database.url sqlite:///absolute/path.",
         describe_json, verify},
    };
    return commands;
}

}  // namespace postern::app
