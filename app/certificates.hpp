#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/result.hpp"
#include "net/tls_certificate.hpp"

/// Which certificates we show, and that there is one at all: without TLS nobody can sign in.
///
/// The settings name pairs of files. With none, serve makes a self-signed certificate in the data folder at its first start,
/// again when server.hostname has changed, and a month before it ends.
namespace postern::app {

/// The PEM files of one certificate.
struct certificate_files {
    std::filesystem::path certificate;
    std::filesystem::path private_key;
};

/// Where the certificate is that we make for ourselves: one file, so that it and its key can only change together.
[[nodiscard]] std::filesystem::path own_certificate(const config::settings& settings);

/// What the settings name, in their order; else our own.
[[nodiscard]] std::vector<certificate_files> files_of(const config::settings& settings);

/// Reads them all. Blocks.
[[nodiscard]] core::result<std::vector<net::tls_certificate>> read_certificates(const std::vector<certificate_files>& files);

/// Makes our own where the settings name none and there is none that will do. False: nothing was to be made. Blocks.
[[nodiscard]] std::expected<bool, std::string> make_own_certificate(const config::settings& settings, core::timestamp now);

/// A failure of read_certificates() as a sentence with the setting that named the file and where it was given.
[[nodiscard]] std::string explain_certificate(const core::error& why, const config::loaded& from);

/// What a person should know of a certificate's dates; empty while they are good.
[[nodiscard]] std::string warning_of(const net::tls_certificate& certificate, core::timestamp now);

/// A line for each certificate in use.
void log_certificates(const std::vector<certificate_files>& files, const std::vector<net::tls_certificate>& certificates,
                      core::timestamp now, const core::logger& log);

}  // namespace postern::app
