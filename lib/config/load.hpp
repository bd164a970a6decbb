#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/problem.hpp"
#include "config/settings.hpp"

/// Reads the settings and checks them, alone and against each other.
///
/// A secret in the environment may also stand in a file, which POSTERN_SECTION_KEY_FILE names.
///
/// Flow: defaults, then the file, then the environment, then the command line; the later word counts. Each value given is
/// checked even when a later one replaces it. On failure nothing is half-applied: the result is every problem there is, each
/// with its source, so that one round of corrections is enough.
namespace postern::config {

struct sources {
    std::vector<std::pair<std::string, std::string>> options;      ///< "smtp.listen" and its value, in order
    std::vector<std::pair<std::string, std::string>> environment;  ///< only what begins with POSTERN_ is looked at
    std::string file_name;                                         ///< for problems; empty: there is no file
    std::string file_text;
    std::function<std::string()> machine_name;  ///< the default of server.hostname; asked only when it is needed
    /// The content of a file that holds a secret, or what is wrong with it (read_secret).
    std::function<std::expected<std::string, std::string>(const std::string& path)> secret_in;
};

struct loaded {
    settings values;
    std::map<std::string, std::string> origins;  ///< setting to where it was given; defaults are not in it
};

[[nodiscard]] std::expected<loaded, std::vector<problem>> load(const sources& from);

/// The process's own sources: its environment, its host name (which may ask DNS), and the file: `config_option` if given, else
/// $POSTERN_CONFIG, else /etc/postern/postern.conf where that exists.
[[nodiscard]] std::expected<sources, problem> gather(std::optional<std::string> config_option,
                                                     std::vector<std::pair<std::string, std::string>> options);

}  // namespace postern::config
