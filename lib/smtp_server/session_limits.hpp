#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "config/settings.hpp"

namespace postern::smtp_server {

/// What one session may use. Each is a setting of [limits]; its default and meaning stand in config/settings.hpp.
struct session_limits {
    std::uint64_t message_size;
    std::size_t recipients;
    std::size_t messages;
    std::size_t errors;
    std::size_t idle_commands;
    std::chrono::milliseconds command_timeout;
    std::chrono::milliseconds data_timeout;
    std::chrono::milliseconds data_total_timeout;
    std::chrono::milliseconds greeting_delay;

    explicit session_limits(const config::limit_settings& s)
        : message_size(s.message_size),
          recipients(s.recipients),
          messages(s.messages_per_session),
          errors(s.smtp_errors),
          idle_commands(s.smtp_idle_commands),
          command_timeout(s.smtp_command_timeout),
          data_timeout(s.smtp_data_timeout),
          data_total_timeout(s.smtp_data_total_timeout),
          greeting_delay(s.smtp_greeting_delay) {}
};

}  // namespace postern::smtp_server
