#pragma once

#include <array>
#include <span>

#include "app/command.hpp"

namespace postern::app {

// Each list stands in the file of its first word.
[[nodiscard]] std::span<const command> serve_commands();
[[nodiscard]] std::span<const command> check_commands();
[[nodiscard]] std::span<const command> health_commands();
[[nodiscard]] std::span<const command> migrate_commands();
[[nodiscard]] std::span<const command> domain_commands();
[[nodiscard]] std::span<const command> account_commands();
[[nodiscard]] std::span<const command> app_password_commands();
[[nodiscard]] std::span<const command> alias_commands();
[[nodiscard]] std::span<const command> message_commands();
[[nodiscard]] std::span<const command> queue_commands();
[[nodiscard]] std::span<const command> archive_commands();
[[nodiscard]] std::span<const command> maintenance_commands();
[[nodiscard]] std::span<const command> dns_commands();
[[nodiscard]] std::span<const command> config_commands();
[[nodiscard]] std::span<const command> version_commands();

/// Every command, in the order of the help.
inline constexpr std::array all_commands{
    serve_commands,   check_commands,        health_commands, migrate_commands, domain_commands,
    account_commands, app_password_commands, alias_commands,  message_commands, queue_commands,
    archive_commands, maintenance_commands,  dns_commands,    config_commands,  version_commands,
};

}  // namespace postern::app
