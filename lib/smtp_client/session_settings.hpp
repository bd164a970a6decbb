#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "net/stream.hpp"
#include "net/tls_client_context.hpp"

namespace postern::smtp_client {

/// How long a remote server may take (RFC 5321 4.5.3.2 has the minima; each is for a whole reply, however it drips in).
struct session_timeouts {
    using duration = std::chrono::milliseconds;

    duration connect = std::chrono::seconds(30);
    duration greeting = std::chrono::minutes(5);
    duration command = std::chrono::minutes(5);  ///< EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET
    duration handshake = std::chrono::minutes(1);
    duration data = std::chrono::minutes(2);        ///< the answer to DATA
    duration data_block = std::chrono::minutes(3);  ///< 64 KiB of the message
    duration data_end = std::chrono::minutes(10);   ///< the answer to the final dot
    duration quit = std::chrono::seconds(5);

    /// One transaction in all: `transaction`, one `per_recipient` each, and the message's octets at `slowest` octets a second.
    duration transaction = std::chrono::minutes(30);
    duration per_recipient = std::chrono::seconds(5);
    std::uint64_t slowest = 4096;
};

/// What all sessions of a process share.
struct session_settings {
    std::string hostname;                                ///< ours, in EHLO
    std::shared_ptr<const net::tls_client_context> tls;  ///< null: never TLS
    session_timeouts timeouts;
};

/// Whether a session uses TLS.
enum class tls_use {
    none,           ///< not even when it is offered: after a handshake that failed
    opportunistic,  ///< STARTTLS where it is offered (RFC 7435)
    required,       ///< STARTTLS, or the session fails
    implicit,       ///< from the first octet (RFC 8314)
};

/// User and password for a smarthost (RFC 4954).
struct login {
    std::string user;
    std::string password;
};

/// Where one session goes and how.
struct target {
    std::string host;  ///< its name, or its address where it has none
    net::tcp_endpoint endpoint;
    std::optional<boost::asio::ip::address> source = std::nullopt;  ///< to bind; must be of the endpoint's family
    tls_use tls = tls_use::opportunistic;
    std::optional<smtp_client::login> login = std::nullopt;  ///< used only under TLS, or to a loopback address
};

}  // namespace postern::smtp_client
