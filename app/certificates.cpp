#include "app/certificates.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "net/self_signed_certificate.hpp"

namespace postern::app {

namespace {

namespace fs = std::filesystem;

constexpr auto renewed_before_end = std::chrono::days(30);
constexpr auto warned_before_end = std::chrono::days(14);

std::unexpected<std::string> failed(const fs::path& path, int number) {
    return std::unexpected(fmt::format("{} cannot be written: {}", path.string(), std::generic_category().message(number)));
}

/// Under another name first: whoever reads finds the old file or the new one. Nobody else may read it: it holds a key.
std::expected<void, std::string> write_private_file(const fs::path& path, std::string_view text) {
    auto name = path.string() + ".XXXXXX";
    const int file = ::mkostemp(name.data(), O_CLOEXEC);  // with mode 0600
    if (file < 0) return failed(path, errno);
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    auto number = errno;
    ::close(file);
    if (written && ::rename(name.c_str(), path.c_str()) == 0) return {};
    if (written) number = errno;
    ::unlink(name.c_str());
    return failed(path, number);
}

std::string day_of(core::timestamp t) { return core::to_rfc3339(t).substr(0, 10); }

}  // namespace

fs::path own_certificate(const config::settings& settings) { return settings.server.data_dir / "self-signed.pem"; }

std::vector<certificate_files> files_of(const config::settings& settings) {
    const auto& tls = settings.tls;
    if (tls.certificate.empty()) return {{own_certificate(settings), own_certificate(settings)}};
    std::vector<certificate_files> files;
    for (std::size_t i = 0; i < tls.certificate.size(); ++i) files.push_back({tls.certificate[i], tls.private_key[i]});
    return files;
}

core::result<std::vector<net::tls_certificate>> read_certificates(const std::vector<certificate_files>& files) {
    std::vector<net::tls_certificate> all;
    for (const auto& each : files) {
        auto read = net::tls_certificate::load(each.certificate, each.private_key);
        if (!read) return std::unexpected(read.error());
        all.push_back(std::move(*read));
    }
    return all;
}

std::expected<bool, std::string> make_own_certificate(const config::settings& settings, core::timestamp now) {
    if (!settings.tls.certificate.empty()) return false;
    const auto path = own_certificate(settings);
    const auto there = net::tls_certificate::load(path, path);
    if (there && there->names_host(settings.server.hostname) && there->valid_until() > now + renewed_before_end) return false;
    const auto made = net::make_self_signed_certificate(settings.server.hostname, now);
    if (const auto written = write_private_file(path, made.private_key + made.certificate); !written)
        return std::unexpected(written.error());
    return true;
}

std::string explain_certificate(const core::error& why, const config::loaded& from) {
    const auto& tls = from.values.tls;
    const bool key =
        std::ranges::any_of(tls.private_key, [&](const auto& path) { return why.detail.starts_with(path.string() + ' '); });
    const std::string setting = key ? "tls.private_key" : "tls.certificate";
    const auto origin = from.origins.find(setting);
    return fmt::format("{}{}: {}", origin == from.origins.end() ? "" : origin->second + ": ", setting, why.message());
}

std::string warning_of(const net::tls_certificate& certificate, core::timestamp now) {
    if (certificate.valid_until() <= now) return "expired on " + day_of(certificate.valid_until());
    if (certificate.valid_from() > now) return "not valid before " + day_of(certificate.valid_from());
    if (certificate.valid_until() <= now + warned_before_end) return "expires on " + day_of(certificate.valid_until());
    return {};
}

void log_certificates(const std::vector<certificate_files>& files, const std::vector<net::tls_certificate>& certificates,
                      core::timestamp now, const core::logger& log) {
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto& each = certificates[i];
        const auto file = files[i].certificate.string();
        const auto until = core::to_rfc3339(each.valid_until());
        log.info("certificate", {{"file", file}, {"names", fmt::format("{}", fmt::join(each.names(), ","))}, {"until", until}});
        if (const auto warning = warning_of(each, now); !warning.empty())
            log.warning("certificate dates", {{"file", file}, {"reason", warning}});
    }
}

}  // namespace postern::app
