#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "config/options.hpp"
#include "config/setting_table.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;

exit_code show_settings(const invocation& call) {
    if (call.has("markdown")) {
        fmt::print("{}", config::settings_markdown());
        return exit_code::done;
    }
    const auto loaded = load_settings(call);
    if (!loaded) return loaded.error();
    json::array all;
    table t({"SETTING", "VALUE", "FROM"});
    for (const auto& s : config::all_settings()) {
        const auto value = s.show(loaded->values);
        const auto origin = loaded->origins.find(s.name());
        const auto from = origin == loaded->origins.end() ? "default" : origin->second;
        t.add({s.name(), value, from});
        all.push_back(json::object{{"setting", s.name()}, {"value", value}, {"from", from}});
    }
    if (call.has("json"))
        print_json(json::object{{"settings", std::move(all)}});
    else
        t.print("");
    return exit_code::done;
}

void describe_config(boost::program_options::options_description& options) {
    describe_json(options);
    options.add_options()("markdown", "instead, every setting there is as a table for the documentation");
}

}  // namespace

std::span<const command> config_commands() {
    static constexpr command commands[] = {
        {"config", "", 0, 0, "Shows every setting's value and where it comes from", "Passwords are not shown.", describe_config,
         show_settings},
    };
    return commands;
}

}  // namespace postern::app
