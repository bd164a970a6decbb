#include "app/command.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>

#include "app/commands.hpp"
#include "config/options.hpp"
#include "config/setting_table.hpp"
#include "config/text.hpp"

namespace postern::app {

namespace po = boost::program_options;

namespace {

constexpr std::size_t help_width = 110;

const command* find_command(std::string_view name) {
    for (const auto list : all_commands)
        for (const auto& c : list())
            if (c.name == name) return &c;
    return nullptr;
}

/// Whether commands of two words begin with this one.
bool is_group(std::string_view word) {
    return std::ranges::any_of(all_commands, [&](auto list) {
        return std::ranges::any_of(list(), [&](const command& c) { return c.name.starts_with(std::string(word) + ' '); });
    });
}

std::string overview(std::string_view group) {
    std::string text = "Usage: postern COMMAND [ARGUMENT...] [--option...]\n\n";
    for (const auto list : all_commands) {
        for (const auto& c : list()) {
            if (!group.empty() && !c.name.starts_with(std::string(group) + ' ')) continue;
            text += fmt::format("  {:<42}{}\n", fmt::format("{} {}", c.name, c.arguments), c.summary);
        }
    }
    return text +
           "\nEvery command takes --help, --config FILE (else $POSTERN_CONFIG, else /etc/postern/postern.conf if it is there) "
           "and\n"
           "any setting as --section.key VALUE; `postern serve --help` lists them.\n"
           "Exit code: 0 done, 1 refused (the reason is on standard error), 2 the command line is wrong.\n";
}

std::string help(const command& c) {
    po::options_description own("Options", help_width);
    c.describe(own);
    own.add_options()("help,h", "this text");
    std::ostringstream text;
    text << "Usage: postern " << c.name << (c.arguments.empty() ? "" : " ") << c.arguments << " [--option...]\n\n"
         << c.summary << ".\n"
         << c.details << '\n'
         << own << "\nEvery command also takes --config FILE and any setting as --section.key VALUE";
    if (c.name == "serve")
        text << ".\nIn the file FILE a setting is `key = value` under [section], in the environment POSTERN_SECTION_KEY.\n"
                "The command line counts more than the environment, that more than the file.\n\nSettings:\n\n"
             << config::settings_help();
    else
        text << ";\n`postern serve --help` lists them.\n";
    return text.str();
}

/// The words of a command line sorted into the command and the rest.
struct sorted_words {
    std::string name;               // "account add", "account" or ""
    std::vector<std::string> rest;  // options with their values, and arguments
    bool help = false;
    bool version = false;
    std::string unknown;  // an option before the command that no command knows
};

/// The command's words are the first that are neither options nor the values of options every command takes.
sorted_words sort(std::vector<std::string> words) {
    sorted_words sorted;
    bool complete = false;
    for (auto word = words.begin(); word != words.end(); ++word) {
        if (*word == "--") {
            sorted.rest.insert(sorted.rest.end(), std::make_move_iterator(word), std::make_move_iterator(words.end()));
            break;
        }
        if (*word == "--help" || *word == "-h") {
            sorted.help = true;
        } else if (*word == "--version" && sorted.name.empty()) {
            sorted.version = true;
        } else if (word->starts_with('-')) {
            const auto option = word->substr(0, word->find('='));
            const auto is_setting = option.starts_with("--") && config::find_setting(option.substr(2)) != nullptr;
            const bool takes_next = (is_setting || option == "--config") && option == *word;
            if (sorted.name.empty() && !is_setting && option != "--config" && option != "--json" && sorted.unknown.empty())
                sorted.unknown = option;
            sorted.rest.push_back(std::move(*word));
            if (takes_next && std::next(word) != words.end()) sorted.rest.push_back(std::move(*++word));
        } else if (!complete) {
            sorted.name += (sorted.name.empty() ? "" : " ") + *word;
            complete = !is_group(sorted.name);
        } else {
            sorted.rest.push_back(std::move(*word));
        }
    }
    return sorted;
}

exit_code unknown_command(const std::string& name) {
    std::vector<std::string> names;
    for (const auto list : all_commands)
        for (const auto& c : list()) names.emplace_back(c.name);
    const auto near = config::nearest(name, names);
    return misuse("", fmt::format("there is no command {}{}", config::in_quotes(name),
                                  near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

/// Options nobody knows, without their values, each with what was probably meant.
std::string tell_unknown(const std::vector<std::string>& words, const po::options_description& known) {
    std::vector<std::string> names;
    for (const auto& o : known.options()) names.push_back("--" + o->long_name());
    std::string text;
    for (const auto& word : words) {
        const auto option = word.substr(0, word.find('='));
        const auto near = config::nearest(option, names);
        text += fmt::format("{}unknown option {}{}", text.empty() ? "" : "; ", option,
                            near.empty() ? "" : fmt::format(", did you mean {}?", near));
    }
    return text;
}

/// Reads options and arguments. Throws po::error for options without their value.
exit_code parse_and_run(const command& c, const std::vector<std::string>& words) {
    po::options_description own;
    c.describe(own);
    po::options_description all;
    all.add(own).add(config::describe_options()).add_options()("argument", po::value<std::vector<std::string>>());
    po::positional_options_description positions;
    positions.add("argument", -1);
    namespace style = po::command_line_style;
    const auto parsed =
        po::command_line_parser(words)
            .options(all)
            .positional(positions)
            .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next | style::allow_short |
                   style::short_allow_next | style::short_allow_adjacent | style::allow_dash_for_short)
            .allow_unregistered()
            .run();
    if (const auto unknown = po::collect_unrecognized(parsed.options, po::exclude_positional); !unknown.empty())
        return misuse(c.name, tell_unknown(unknown, all));

    invocation call;
    call.command = c.name;
    po::parsed_options own_only(&all, parsed.m_options_prefix);
    for (const auto& o : parsed.options) {
        if (o.string_key == "argument")
            call.arguments.push_back(o.value.front());
        else if (o.string_key == "config")
            call.config_file = o.value.front();
        else if (config::find_setting(o.string_key) != nullptr)
            call.settings.emplace_back(o.string_key, o.value.front());
        else
            own_only.options.push_back(o);
    }
    po::store(own_only, call.options);
    if (call.arguments.size() < c.least) return misuse(c.name, fmt::format("needs {}", c.arguments));
    if (call.arguments.size() > c.most)
        return misuse(c.name, fmt::format("{} is one argument too many", config::in_quotes(call.arguments[c.most])));
    return c.run(call);
}

}  // namespace

std::optional<std::string> invocation::text(const char* option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::nullopt : std::optional(found->second.as<std::string>());
}

void describe_json(po::options_description& options) { options.add_options()("json", "the result as JSON"); }

std::expected<config::loaded, std::vector<config::problem>> read_settings(
    const std::optional<std::string>& config_file, const std::vector<std::pair<std::string, std::string>>& options) {
    auto sources = config::gather(config_file, options);
    if (!sources) return std::unexpected(std::vector{std::move(sources).error()});
    return config::load(*sources);
}

std::expected<config::loaded, exit_code> load_settings(const invocation& call) {
    auto loaded = read_settings(call.config_file, call.settings);
    if (loaded) return std::move(*loaded);
    auto code = exit_code::refused;
    for (const auto& problem : loaded.error()) {
        fmt::print(stderr, "postern: {}\n", problem.text);
        if (problem.from == config::problem::origin::command_line) code = exit_code::usage;
    }
    return std::unexpected(code);
}

exit_code refuse(std::string_view reason) {
    fmt::print(stderr, "postern: {}\n", reason);
    return exit_code::refused;
}

exit_code misuse(std::string_view command, std::string_view reason) {
    const auto name = fmt::format("postern{}{}", command.empty() ? "" : " ", command);
    fmt::print(stderr, "{}: {}\nSee: {} --help\n", name, reason, name);
    return exit_code::usage;
}

exit_code run(std::vector<std::string> words) {
    auto sorted = sort(std::move(words));
    const auto* found = find_command(sorted.version ? "version" : sorted.name);
    if (found != nullptr && sorted.help) {
        fmt::print("{}", help(*found));
        return exit_code::done;
    }
    if (found != nullptr) {
        try {
            return parse_and_run(*found, sorted.rest);
        } catch (const po::error& wrong) {
            return misuse(found->name, wrong.what());
        }
    }
    const bool incomplete = sorted.name.empty() || is_group(sorted.name);
    if (sorted.help && incomplete) {
        fmt::print("{}", overview(sorted.name));
        return exit_code::done;
    }
    if (!sorted.unknown.empty()) return misuse("", tell_unknown({sorted.unknown}, config::describe_options()));
    if (!incomplete) return unknown_command(sorted.name);
    fmt::print(stderr, "{}", overview(sorted.name));
    return exit_code::usage;
}

}  // namespace postern::app
