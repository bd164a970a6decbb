#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a sender asks for about delivery status notifications, as it stands in MAIL and RCPT (RFC 3461 section 4, RFC 6533
/// section 3): the values of RET, ENVID, NOTIFY and ORCPT, read on the way in and written on the way out.
namespace postern::smtp {

/// RET (RFC 3461 4.3): how much of the message a report of failure brings back.
enum class dsn_return : std::uint8_t { unspecified, full, headers };

/// NOTIFY (RFC 3461 4.1). Without it (`given` false) a sender learns of failures and, after a while, of delays.
struct dsn_notify {
    bool given = false;
    bool never = false;  ///< then none of the others
    bool success = false;
    bool failure = false;
    bool delay = false;

    friend bool operator==(const dsn_notify&, const dsn_notify&) = default;
};

/// Bounds of the values as they stand in the command, in octets.
inline constexpr std::size_t max_envid = 100;  ///< RFC 3461 4.4
inline constexpr std::size_t max_orcpt = 500;  ///< RFC 3461 4.2

/// "FULL" or "HDRS", in any case.
[[nodiscard]] std::optional<dsn_return> parse_ret(std::string_view value);
/// "" for unspecified.
[[nodiscard]] std::string_view to_string(dsn_return ret) noexcept;

/// "NEVER", or of SUCCESS, FAILURE and DELAY one or more, with commas.
[[nodiscard]] std::optional<dsn_notify> parse_notify(std::string_view value);
/// "SUCCESS,FAILURE"; "" when it was not given.
[[nodiscard]] std::string to_string(const dsn_notify& notify);

/// The envelope id behind ENVID's xtext: white space and visible ASCII, so that it may stand in a header. Out again through
/// encode_xtext.
[[nodiscard]] std::optional<std::string> parse_envid(std::string_view value);

/// The original recipient with its address type, decoded: "rfc822;user@example.org". With the type utf-8 the address is UTF-8
/// without control characters (utf-8-addr-xtext, utf-8-addr-unitext and utf-8-address are read); with any other it is white
/// space and visible ASCII. `utf8`: whether octets beyond ASCII may stand in the value itself, that is whether we offer
/// SMTPUTF8.
[[nodiscard]] std::optional<std::string> parse_orcpt(std::string_view value, bool utf8);

/// What parse_orcpt read, for an ORCPT or a report: "rfc822;" with xtext; "utf-8;" with raw UTF-8 where `utf8`, else as
/// utf-8-addr-xtext, which is ASCII. Text without a type gives "".
[[nodiscard]] std::string encode_orcpt(std::string_view decoded, bool utf8);

}  // namespace postern::smtp
