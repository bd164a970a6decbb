#include "app/machine.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace postern::app {

std::expected<void, std::string> make_data_dir(const std::filesystem::path& path) {
    std::error_code wrong;
    if (!std::filesystem::exists(path, wrong)) {
        std::filesystem::create_directories(path, wrong);
        if (!wrong) std::filesystem::permissions(path, std::filesystem::perms::owner_all, wrong);
        if (wrong) return std::unexpected(fmt::format("server.data_dir {} cannot be made: {}", path.string(), wrong.message()));
    }
    return check_data_dir(path);
}

std::expected<void, std::string> check_data_dir(const std::filesystem::path& path) {
    std::error_code wrong;
    if (!std::filesystem::is_directory(path, wrong))
        return std::unexpected(fmt::format("server.data_dir {} is not a folder", path.string()));
    if (access(path.c_str(), W_OK | X_OK) != 0)
        return std::unexpected(
            fmt::format("server.data_dir {} cannot be written: {}", path.string(), std::generic_category().message(errno)));
    return {};
}

std::uint64_t descriptors_needed(const config::settings& settings) {
    constexpr std::uint64_t own = 64;  // listeners, database, log, the program's own
    const auto& l = settings.limits;
    // An SMTP session may have a spool file beside its socket, and so may an IMAP session.
    const auto with_spool = l.smtp_connections + (2 * l.submission_connections) + (2 * l.imap_connections);
    return (2 * with_spool) + l.http_connections + own;
}

std::uint64_t descriptors_allowed() {
    rlimit limit{};
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace postern::app
