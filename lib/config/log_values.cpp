#include "config/log_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/text.hpp"

namespace postern::config {

parsed<std::map<std::string, core::log_level>> parse_levels(std::string_view text) {
    std::map<std::string, core::log_level> levels;
    if (text == "none") return levels;
    for (std::size_t start = 0; start <= text.size();) {
        const auto comma = std::min(text.find(',', start), text.size());
        const auto one = trim(text.substr(start, comma - start));
        start = comma + 1;
        const auto equals = one.find('=');
        if (equals == std::string_view::npos) return std::unexpected(fmt::format("has {} without a level", in_quotes(one)));
        const auto module = trim(one.substr(0, equals));
        const auto name = trim(one.substr(equals + 1));
        const auto level = std::ranges::find(level_names, name);
        if (std::ranges::find(log_modules, module) == log_modules.end())
            return std::unexpected(fmt::format("has {}, which is no module", in_quotes(module)));
        if (level == level_names.end()) return std::unexpected(fmt::format("has {}, which is no level", in_quotes(name)));
        levels[std::string(module)] = static_cast<core::log_level>(level - level_names.begin());
    }
    return levels;
}

std::string format_levels(const std::map<std::string, core::log_level>& levels) {
    if (levels.empty()) return "none";
    std::string text;
    for (const auto& [module, level] : levels) {
        if (!text.empty()) text += ", ";
        text += fmt::format("{}={}", module, level_names.at(static_cast<std::size_t>(level)));
    }
    return text;
}

}  // namespace postern::config
