#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "smtp/address.hpp"

namespace postern::smtp {

/// The protocol a message came by, for Received (RFC 3848, RFC 6531 section 4.3).
struct with_protocol {
    bool esmtp = false;  ///< EHLO, not HELO
    bool utf8 = false;   ///< MAIL had SMTPUTF8
    bool tls = false;
    bool authenticated = false;
};

/// "SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA", "UTF8SMTP", ...
[[nodiscard]] std::string_view to_string(with_protocol p) noexcept;

/// What a Received field says (RFC 5321 4.4).
struct received_field {
    std::string_view helo;            ///< as the client said it; anything unfit for a header is replaced
    std::string_view client_address;  ///< the peer's IP address: "192.0.2.1", "2001:db8::1"
    std::string_view hostname;        ///< ours
    with_protocol protocol;
    std::string_view tls_version = {};  ///< "TLSv1.3"; empty without TLS
    std::string_view tls_cipher = {};   ///< its registered name (RFC 8314 4.3)
    std::string_view id;                ///< the message's, as in the 250 reply
    /// Only when the message has exactly one: naming one of several would tell of the others (RFC 5321 7.2).
    std::optional<address> recipient = std::nullopt;
    core::timestamp at;
};

/// "Received: from ... by ... with ESMTPS (TLSv1.3) id ... for ... tls ...; date", folded to lines of at most 78 columns where
/// its clauses allow, with CRLF.
[[nodiscard]] std::string to_string(const received_field& f);

/// What a Received field says of a message that was handed in over HTTP.
struct received_over_http {
    std::string_view client_address;  ///< the peer's IP address
    std::string_view hostname;        ///< ours
    bool secure = false;              ///< over TLS
    std::string_view id;
    std::optional<address> recipient = std::nullopt;  ///< as in received_field
    core::timestamp at;
};

/// "Received: from [192.0.2.1] by ... with HTTPS id ...; date", as above.
[[nodiscard]] std::string to_string(const received_over_http& f);

/// "Return-Path: <user@example.org>" with CRLF; "<>" for the null path.
[[nodiscard]] std::string return_path_field(const address& reverse_path);

}  // namespace postern::smtp
