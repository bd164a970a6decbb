#pragma once

#include <filesystem>
#include <memory>

namespace postern::net {

/// How we begin TLS as a client: TLS 1.2 and 1.3, ephemeral ECDH and AEAD ciphers only, no compression, no renegotiation.
class tls_client_context {
public:
    enum class peer {
        anybody,  ///< opportunistic (RFC 7435): encrypts against who listens, proves nothing about who answers
        named,    ///< the handshake fails unless a certificate by a trusted authority names the server we asked for
    };

    /// `authorities`: a PEM file of trusted issuers instead of the system's. Throws when it cannot be read.
    explicit tls_client_context(peer expected, const std::filesystem::path& authorities = {});
    ~tls_client_context();
    tls_client_context(const tls_client_context&) = delete;
    tls_client_context& operator=(const tls_client_context&) = delete;

    class state;
    [[nodiscard]] const std::shared_ptr<const state>& shared() const noexcept { return state_; }

private:
    std::shared_ptr<const state> state_;
};

}  // namespace postern::net
