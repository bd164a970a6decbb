#pragma once

#include <system_error>

namespace postern::net {

/// How waiting for the network, or for a file, came to nothing.
enum class errc {
    closed = 1,        ///< the peer closed or reset the connection
    timed_out,         ///< the deadline passed
    interrupted,       ///< stream::interrupt was called
    woken,             ///< stream::wake was called
    cancelled,         ///< the task is being ended: there is no time left even for a farewell
    cannot_listen,     ///< an endpoint cannot be bound; detail names it
    bad_endpoint,      ///< not an IPv4 or IPv6 literal; detail names it
    disk_full,         ///< the spool's file system has no room left
    spool_failed,      ///< the spool file cannot be made or written; detail says why
    tls_failed,        ///< the TLS handshake came to nothing, or what came in it is not TLS; detail says why
    bad_proxy_header,  ///< what a proxy sent first is no PROXY header; detail says why
    bad_certificate,   ///< a certificate or key is of no use; detail names the file and what is wrong
};

[[nodiscard]] std::error_code make_error_code(errc e) noexcept;

}  // namespace postern::net

template <>
struct std::is_error_code_enum<postern::net::errc> : std::true_type {};
