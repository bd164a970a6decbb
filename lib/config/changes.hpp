#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace postern::config {

/// The names of settings that differ from those in use.
struct changes {
    std::vector<std::string> taken;          ///< hold from now on
    std::vector<std::string> at_next_start;  ///< cannot change while the server runs
};

/// Copies to `held` what `read` has otherwise and what can change at run time; the rest of `held` stays.
[[nodiscard]] changes take_changes(settings& held, const settings& read);

}  // namespace postern::config
