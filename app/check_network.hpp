#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace postern::app {

/// What `postern check` found in one place.
struct finding {
    enum class level { ok, warning, error };
    level is = level::ok;
    const char* subject = "";
    std::string text;
};

/// Whether each endpoint can be listened on, or is by a Postern of this name already.
[[nodiscard]] std::vector<finding> look_at_ports(const config::settings& settings);

/// Whether the kernel takes its clock for right.
[[nodiscard]] finding look_at_clock();

/// Connects to "host:port", or "host" with port 25, and reads its greeting. Nobody is contacted unless somebody names one.
[[nodiscard]] finding look_at_outbound(const std::optional<std::string>& host, const config::settings& settings);

/// What DNS says of server.hostname and of the domains in the database, where that can be read.
[[nodiscard]] std::vector<finding> look_at_dns(const config::settings& settings, bool with_domains);

}  // namespace postern::app
