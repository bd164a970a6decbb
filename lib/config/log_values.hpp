#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "config/values.hpp"
#include "core/log.hpp"

namespace postern::config {

/// In the order of core::log_level.
inline constexpr std::array level_names{"trace", "debug", "info", "warning", "error", "critical", "off"};

/// Who writes lines; "postern" is the program as a whole.
inline constexpr std::array log_modules{"postern", "account", "http", "imap", "queue", "smtp", "storage", "submission", "tls"};

/// "smtp=debug, queue=warning"; "none" is the empty map.
[[nodiscard]] parsed<std::map<std::string, core::log_level>> parse_levels(std::string_view text);

[[nodiscard]] std::string format_levels(const std::map<std::string, core::log_level>& levels);

}  // namespace postern::config
