#include "config/changes.hpp"

#include "config/setting_table.hpp"

namespace postern::config {

changes take_changes(settings& held, const settings& read) {
    changes found;
    for (const auto& each : all_settings()) {
        if (each.same(held, read)) continue;
        if (each.at_run_time) each.copy(held, read);
        (each.at_run_time ? found.taken : found.at_next_start).push_back(each.name());
    }
    return found;
}

}  // namespace postern::config
