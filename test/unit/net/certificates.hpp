#pragma once

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "net/self_signed_certificate.hpp"
#include "net/tls_certificate.hpp"

namespace postern::test {

/// A new folder, gone with this object.
class temporary_folder {
public:
    temporary_folder() {
        auto name = (std::filesystem::temp_directory_path() / "postern-tls-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), name);
        path_ = name;
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    [[nodiscard]] std::string prefix() const { return path_.string() + '/'; }

private:
    std::filesystem::path path_;
};

inline constexpr core::timestamp certificate_time(std::chrono::seconds(1'795'410'600));  // 2026-11-23

/// A fresh certificate for `host`, which may be a wildcard.
inline net::tls_certificate certificate_for(std::string_view host) {
    const auto made = net::make_self_signed_certificate(host, certificate_time);
    return net::tls_certificate::parse(made.certificate, made.private_key, "chain", "key").value();
}

}  // namespace postern::test
