#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/bdat_reader.hpp"
#include "smtp/command.hpp"
#include "smtp/dsn_parameters.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

/// What the parameters of an accepted MAIL command say.
struct mail_parameters {
    body_type body = body_type::seven_bit;             ///< RFC 6152, RFC 3030
    std::optional<std::uint64_t> size = std::nullopt;  ///< RFC 1870: octets the client means to send
    bool smtputf8 = false;                             ///< RFC 6531
    dsn_return ret = dsn_return::unspecified;          ///< RFC 3461 4.3
    std::optional<std::string> envid = std::nullopt;   ///< RFC 3461 4.4, decoded
};

/// What the parameters of an accepted RCPT command say.
struct rcpt_parameters {
    dsn_notify notify;                                ///< RFC 3461 4.1
    std::optional<std::string> orcpt = std::nullopt;  ///< RFC 3461 4.2, decoded: "rfc822;user@example.org"
};

/// The service extensions a session offers: the EHLO reply is made from it and MAIL and RCPT are checked against it, so what is
/// announced and what is taken cannot differ. A default-made one offers nothing: that is what a client has after HELO. What
/// changes as a session goes on (STARTTLS, AUTH) the session sets in its own copy.
struct extensions {
    bool pipelining = false;                             ///< RFC 2920
    std::optional<std::uint64_t> size = std::nullopt;    ///< RFC 1870: largest message in octets; 0 announces no fixed limit
    bool eight_bit_mime = false;                         ///< RFC 6152
    bool smtputf8 = false;                               ///< RFC 6531
    bool enhanced_status_codes = false;                  ///< RFC 2034
    bool chunking = false;                               ///< RFC 3030
    bool binary_mime = false;                            ///< RFC 3030; only with chunking
    bool dsn = false;                                    ///< RFC 3461
    bool starttls = false;                               ///< RFC 3207; not when TLS is on
    std::vector<std::string> auth = {};                  ///< RFC 4954: the SASL mechanisms; none: AUTH is not offered
    std::optional<std::size_t> rcpt_max = std::nullopt;  ///< RFC 9422 LIMITS: recipients in one transaction
    std::optional<std::size_t> mail_max = std::nullopt;  ///< RFC 9422 LIMITS: transactions in one session

    /// The reply to EHLO: "250-<hostname> ..." and one line per extension.
    [[nodiscard]] reply ehlo_reply(std::string_view hostname, std::string_view client) const;

    /// Checks MAIL's parameters: 555 5.5.4 one not offered, 501 5.5.4 repeated or with a bad value, 552 5.3.4 a declared
    /// size over the limit (RFC 1870 6.1), 550 5.6.7 a UTF-8 address without SMTPUTF8 (RFC 6531 3.5). AUTH= is taken where AUTH
    /// is offered and has no effect.
    [[nodiscard]] std::expected<mail_parameters, reply> accept(const mail_command& command) const;

    /// Checks RCPT's parameters; `with_smtputf8` is what MAIL said. 555 5.5.4 and 501 5.5.4 as for MAIL, 553 5.6.7 a UTF-8
    /// address without SMTPUTF8.
    [[nodiscard]] std::expected<rcpt_parameters, reply> accept(const rcpt_command& command, bool with_smtputf8) const;
};

}  // namespace postern::smtp
