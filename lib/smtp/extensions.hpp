#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "smtp/bdat_reader.hpp"
#include "smtp/command.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

/// What the parameters of an accepted MAIL command say.
struct mail_parameters {
    body_type body = body_type::seven_bit;             ///< RFC 6152, RFC 3030
    std::optional<std::uint64_t> size = std::nullopt;  ///< RFC 1870: octets the client means to send
    bool smtputf8 = false;                             ///< RFC 6531
};

/// The service extensions a session offers: the EHLO reply is made from it and MAIL and RCPT are checked against it, so what is
/// announced and what is taken cannot differ. A default-made one offers nothing: that is what a client has after HELO.
struct extensions {
    bool pipelining = false;                             ///< RFC 2920
    std::optional<std::uint64_t> size = std::nullopt;    ///< RFC 1870: largest message in octets; 0 announces no fixed limit
    bool eight_bit_mime = false;                         ///< RFC 6152
    bool smtputf8 = false;                               ///< RFC 6531
    bool enhanced_status_codes = false;                  ///< RFC 2034
    bool chunking = false;                               ///< RFC 3030
    bool binary_mime = false;                            ///< RFC 3030; only with chunking
    std::optional<std::size_t> rcpt_max = std::nullopt;  ///< RFC 9422 LIMITS: recipients in one transaction
    std::optional<std::size_t> mail_max = std::nullopt;  ///< RFC 9422 LIMITS: transactions in one session

    /// The reply to EHLO: "250-<hostname> ..." and one line per extension.
    [[nodiscard]] reply ehlo_reply(std::string_view hostname, std::string_view client) const;

    /// Checks MAIL's parameters: 555 5.5.4 one not offered, 501 5.5.4 repeated or with a bad value, 552 5.3.4 a declared
    /// size over the limit (RFC 1870 6.1), 550 5.6.7 a UTF-8 address without SMTPUTF8 (RFC 6531 3.5).
    [[nodiscard]] std::expected<mail_parameters, reply> accept(const mail_command& command) const;

    /// Checks RCPT's parameters; `with_smtputf8` is what MAIL said. 555 5.5.4 or 553 5.6.7; nullopt: nothing wrong.
    [[nodiscard]] std::optional<reply> refuse(const rcpt_command& command, bool with_smtputf8) const;
};

}  // namespace postern::smtp
