#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace postern::config {

/// One setting, described once: the file's key, the option, the environment variable, the help and the checks come from this.
struct setting {
    std::string section;
    std::string key;
    std::string allowed;       ///< for people: "a size from 64K to 1G, such as 50M"
    std::string default_text;  ///< as one would write it
    std::string help;          ///< one line
    bool secret = false;       ///< its value is never shown; also read from the file that POSTERN_SECTION_KEY_FILE names

    bool at_run_time = false;  ///< `serve` takes a change at SIGHUP; else at the next start

    /// Puts the value of a text where it belongs, or says what is wrong with it, to follow the text.
    std::function<std::expected<void, std::string>(settings&, std::string_view)> assign;
    /// The value as one would write it; secrets masked.
    std::function<std::string(const settings&)> show;
    std::function<bool(const settings&, const settings&)> same;
    std::function<void(settings& into, const settings& from)> copy;

    [[nodiscard]] std::string name() const { return section + '.' + key; }
    [[nodiscard]] std::string environment_name() const;
    /// The variable that names a file with the value; only secrets have one.
    [[nodiscard]] std::string file_variable() const { return environment_name() + "_FILE"; }
};

/// Every setting, in the order of the documentation.
[[nodiscard]] const std::vector<setting>& all_settings();

/// By "section.key"; nullptr when there is none.
[[nodiscard]] const setting* find_setting(std::string_view name);

}  // namespace postern::config
