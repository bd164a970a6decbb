#pragma once

#include <string>

namespace postern::net {

/// What a handshake agreed on.
struct tls_info {
    std::string version;         ///< "TLSv1.3", "TLSv1.2"
    std::string cipher;          ///< OpenSSL's name: "TLS_AES_256_GCM_SHA384"
    std::string server_name;     ///< SNI as the client sent it, in lower case; empty: none
    bool peer_verified = false;  ///< client: the peer's certificate was checked and found good

    /// tls-exporter channel binding, 32 octets (RFC 9266). Empty where it would prove nothing: TLS 1.2 without the extended
    /// master secret (RFC 7627), where one in the middle can give two connections the same secret.
    std::string channel_binding;
};

}  // namespace postern::net
