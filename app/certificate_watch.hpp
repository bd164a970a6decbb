#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/certificates.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "net/tls_server_context.hpp"

namespace postern::app {

/// Keeps the certificates in use the same as the files.
///
/// Every two seconds it looks whether the files are others, and once they have come to rest it reads them; a program that
/// renews certificates need not tell us, and is not caught between the certificate and its key. What cannot be used is logged,
/// once, and the old ones stay. Once a day the tickets' key is changed. File access is on a thread of its own. Loop thread
/// only.
class certificate_watch {
public:
    /// `context` shows what was in the files just before; it and `clock` outlive this.
    certificate_watch(std::vector<certificate_files> files, net::tls_server_context& context, const core::clock& clock,
                      core::logger log);

    /// Until it is cancelled.
    [[nodiscard]] net::awaitable<void> run();

    /// Reads these files now, changed or not, and watches them: an administrator asked for it.
    [[nodiscard]] net::awaitable<void> reload(std::vector<certificate_files> files);

private:
    /// What tells one state of the files from another.
    using fingerprint = std::string;

    [[nodiscard]] static fingerprint look_at(const std::vector<certificate_files>& files);

    [[nodiscard]] net::awaitable<void> read();

    std::vector<certificate_files> files_;
    net::tls_server_context& context_;
    const core::clock& clock_;
    core::logger log_;
    fingerprint used_;  // of what was read last, good or bad
    fingerprint seen_;
    std::chrono::steady_clock::time_point replaced_ = std::chrono::steady_clock::now();
    net::blocking_pool pool_{1};
};

}  // namespace postern::app
