#include "app/reload.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/changes.hpp"

namespace postern::app {

core::log_options log_options_of(const config::log_settings& settings) {
    return {.level = settings.level,
            .format = settings.format,
            .levels = settings.levels,
            .lines_per_second = settings.lines_per_second,
            .output = settings.output,
            .file = settings.file.string()};
}

reload::reload(const invocation& call, config::settings& held, core::logger log)
    : file_(call.config_file), options_(call.settings), held_(held), log_(std::move(log)) {}

net::awaitable<bool> reload::run() {
    const auto read = co_await pool_.run([file = file_, options = options_] { return read_settings(file, options); });
    if (!read) {
        for (const auto& problem : read.error()) log_.error("settings not changed", {{"reason", problem.text}});
        co_return false;
    }
    auto next = held_;
    const auto found = config::take_changes(next, read->values);
    // A log that cannot be opened leaves everything as it is: what was changed must be said somewhere.
    if (const auto changed = log_.change(log_options_of(next.log)); !changed) {
        log_.error("settings not changed", {{"reason", "log.file: " + changed.error().message()}});
        co_return false;
    }
    held_ = std::move(next);
    if (!found.taken.empty()) log_.info("settings changed", {{"settings", fmt::format("{}", fmt::join(found.taken, ", "))}});
    if (!found.at_next_start.empty()) {
        log_.warning("settings that change at the next start only",
                     {{"settings", fmt::format("{}", fmt::join(found.at_next_start, ", "))}});
    }
    co_return !found.taken.empty();
}

}  // namespace postern::app
