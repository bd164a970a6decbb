#pragma once

#include "app/command.hpp"
#include "config/settings.hpp"
#include "core/log.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"

namespace postern::app {

/// What of the settings the log is made from.
[[nodiscard]] core::log_options log_options_of(const config::log_settings& settings);

/// Reads the settings of a running server again, as an administrator asks for with SIGHUP.
///
/// What can change at run time is put into the settings in use; what cannot is named in a log line. Where anything is wrong the
/// log says what, in the words of a start, and all settings stay. The file is read, and the machine's name asked for, on a
/// thread of its own. Loop thread only.
class reload {
public:
    /// `call` is what the server was started with; `held` outlives this.
    reload(const invocation& call, config::settings& held, core::logger log);

    /// True when something changed in the settings in use.
    [[nodiscard]] net::awaitable<bool> run();

private:
    const std::optional<std::string> file_;
    const std::vector<std::pair<std::string, std::string>> options_;
    config::settings& held_;
    core::logger log_;
    net::blocking_pool pool_{1};
};

}  // namespace postern::app
