#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smtp/address.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

/// esmtp-param of MAIL and RCPT (RFC 5321 4.1.2). Kept as typed: which are known, extensions::accept says.
struct esmtp_parameter {
    std::string keyword;               ///< in upper case
    std::optional<std::string> value;  ///< nullopt without "="; never empty

    friend bool operator==(const esmtp_parameter&, const esmtp_parameter&) = default;
};

struct helo_command {
    std::string domain;  ///< 1 to 255 visible ASCII characters of host names and literals
};
struct ehlo_command {
    std::string domain;  ///< as helo_command's
};
struct mail_command {
    address reverse_path;
    std::vector<esmtp_parameter> parameters;
};
struct rcpt_command {
    address forward_path;
    std::vector<esmtp_parameter> parameters;
};
struct data_command {};
struct bdat_command {
    std::uint64_t size = 0;  ///< octets in the chunk; see parse_size for huge ones
    bool last = false;
};
struct rset_command {};
struct vrfy_command {
    std::string argument;
};
struct expn_command {
    std::string argument;
};
struct help_command {};
struct noop_command {};
struct quit_command {};
struct starttls_command {};
struct auth_command {
    std::string mechanism;                        ///< in upper case
    std::optional<std::string> initial_response;  ///< as typed: base64, or "=" for an empty one (RFC 4954 section 4)
};

using command =
    std::variant<helo_command, ehlo_command, mail_command, rcpt_command, data_command, bdat_command, rset_command, vrfy_command,
                 expn_command, help_command, noop_command, quit_command, starttls_command, auth_command>;

/// Reads 1 to 20 digits, as in BDAT and SIZE= (RFC 3030, RFC 1870); a number beyond 2^64-1 becomes 2^64-1.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// Reads one command line, without its CRLF (line_reader gives it), or says which reply its error deserves:
/// 500 5.5.1 for an unknown verb, 500 5.5.2 for an empty line, 501 with 5.5.4, 5.1.7 (sender) or 5.1.3 (recipient).
///
/// Verbs and keywords are taken in any case, and white space at the end is ignored (RFC 5321 2.4, 4.1.1). Beyond the RFC two
/// things real clients do are taken too: spaces after "FROM:" and "TO:", and host names after HELO and EHLO that only look like
/// one ("my_pc", "[::1]"). Addresses without angle brackets are not.
[[nodiscard]] std::expected<command, reply> parse_command(std::string_view line);

}  // namespace postern::smtp
