#pragma once

#include <memory>
#include <vector>

#include "net/tls_certificate.hpp"

namespace postern::net {

/// With which certificates we answer TLS clients: TLS 1.2 and 1.3, ephemeral ECDH and AEAD ciphers only, no compression, no
/// renegotiation.
///
/// The client's SNI chooses: a certificate with that very name, else one with a wildcard for it, else the first, which is also
/// what a client without SNI gets. A handshake uses the set it began with: replace() never touches a running session.
/// Resumption is by tickets that the client keeps, sealed with a key of the set: it costs us no memory, and a new set ends it.
/// Loop thread only.
class tls_server_context {
public:
    /// At least one certificate.
    explicit tls_server_context(std::vector<tls_certificate> certificates);
    ~tls_server_context();
    tls_server_context(const tls_server_context&) = delete;
    tls_server_context& operator=(const tls_server_context&) = delete;

    /// For handshakes from now on; given the same ones, it changes the tickets' key.
    void replace(std::vector<tls_certificate> certificates);

    /// In use now.
    [[nodiscard]] std::vector<tls_certificate> certificates() const;

    class set;  ///< one generation
    [[nodiscard]] const std::shared_ptr<const set>& current() const noexcept { return set_; }

private:
    std::shared_ptr<const set> set_;
};

}  // namespace postern::net
