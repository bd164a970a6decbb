#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include "config/load.hpp"

/// The command line `postern COMMAND [ARGUMENT...] [--option...]`.
///
/// Flow: the command is found among all_commands(), its options and those every command takes are read by
/// Boost.Program_options, and its run() does the work. Results go to standard output, as a table or with --json as one JSON
/// value; what went wrong goes to standard error as text, always.
namespace postern::app {

enum class exit_code {
    done = 0,
    refused = 1,  ///< the reason is on standard error
    usage = 2,    ///< the command line is wrong
};

/// What a command is called with.
struct invocation {
    std::string command;                            ///< "account add"
    std::vector<std::string> arguments;             ///< as many as the command allows
    boost::program_options::variables_map options;  ///< the command's own
    std::optional<std::string> config_file;
    std::vector<std::pair<std::string, std::string>> settings;  ///< "smtp.listen" and its value, in order

    [[nodiscard]] bool has(const char* option) const { return options.contains(option); }
    [[nodiscard]] std::optional<std::string> text(const char* option) const;
};

struct command {
    std::string_view name;       ///< one word or two
    std::string_view arguments;  ///< for people: "ADDRESS TARGET..."
    std::size_t least;           ///< how many there may be
    std::size_t most;
    std::string_view summary;  ///< one line
    std::string_view details;  ///< the rest of its help; may be empty
    void (*describe)(boost::program_options::options_description& options);
    exit_code (*run)(const invocation& call);
};

/// For commands whose result programs may want.
void describe_json(boost::program_options::options_description& options);

/// The settings from all sources; tells every problem on standard error and gives the exit code that belongs to them.
[[nodiscard]] std::expected<config::loaded, exit_code> load_settings(const invocation& call);

/// The same, told to nobody.
[[nodiscard]] std::expected<config::loaded, std::vector<config::problem>> read_settings(
    const std::optional<std::string>& config_file, const std::vector<std::pair<std::string, std::string>>& options);

/// "postern: REASON" on standard error.
exit_code refuse(std::string_view reason);

/// "postern account add: REASON" and where help is, on standard error.
exit_code misuse(std::string_view command, std::string_view reason);

/// Finds and runs the command.
[[nodiscard]] exit_code run(std::vector<std::string> words);

}  // namespace postern::app
