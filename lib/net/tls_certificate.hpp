#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace postern::net {

/// A certificate with its chain and its private key, read, parsed and found to belong together.
///
/// Dates are not judged here: an expired certificate still encrypts, and whether to use it is for the caller to say.
class tls_certificate {
public:
    /// Reads PEM files of at most 1 MiB: the server's certificate first, then its issuers; the key unencrypted. They may be one
    /// file. Blocks. errc::bad_certificate, with the file and what is wrong with it.
    [[nodiscard]] static core::result<tls_certificate> load(const std::filesystem::path& chain,
                                                            const std::filesystem::path& key);

    /// The same from texts; `chain_name` and `key_name` stand in errors.
    [[nodiscard]] static core::result<tls_certificate> parse(std::string_view chain_pem, std::string_view key_pem,
                                                             std::string_view chain_name, std::string_view key_name);

    /// Whom it was issued to, such as "CN=mx.example.org,O=Example" (RFC 2253).
    [[nodiscard]] const std::string& subject() const noexcept;

    /// Host names it is for, in lower case: its DNS names, or its common name if it has none. "*.example.org" as it stands.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept;

    /// Whether one of names() is `host` itself.
    [[nodiscard]] bool names_host(std::string_view host) const;
    /// Whether one of names() is a wildcard that stands for `host`: for exactly one label (RFC 6125 6.4.3).
    [[nodiscard]] bool names_wildcard_of(std::string_view host) const;

    [[nodiscard]] core::timestamp valid_from() const noexcept;
    [[nodiscard]] core::timestamp valid_until() const noexcept;

    struct data;  ///< OpenSSL's objects, for the contexts
    [[nodiscard]] const data& handles() const noexcept { return *data_; }

private:
    explicit tls_certificate(std::shared_ptr<const data> d) : data_(std::move(d)) {}

    std::shared_ptr<const data> data_;
};

}  // namespace postern::net
