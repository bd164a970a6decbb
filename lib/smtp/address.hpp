#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace postern::smtp {

/// An address literal (RFC 5321 4.1.3): what stands between square brackets instead of a domain.
struct address_literal {
    enum class kind : std::uint8_t { none, ipv4, ipv6, general };
    kind type = kind::none;
    std::array<std::uint8_t, 16> octets{};  ///< network order; 4 of them for IPv4, 16 for IPv6, none for general

    friend bool operator==(const address_literal&, const address_literal&) = default;
};

/// A mailbox as it stands in an envelope, or the null reverse-path (RFC 5321 4.1.2, RFC 6531 3.3).
struct address {
    std::string local_part;   ///< without quotes and backslashes: `"a b"@x` and `"a\ b"@x` are both `a b`
    std::string domain;       ///< as typed, brackets of a literal included; empty for the null path and for <postmaster>
    address_literal literal;  ///< what `domain` says when it is a literal
    bool utf8 = false;        ///< holds octets outside ASCII, so it needs SMTPUTF8
    std::string text;         ///< as typed, without angle brackets and source route; empty for the null path only

    [[nodiscard]] bool is_null() const noexcept { return text.empty(); }
    [[nodiscard]] bool is_literal() const noexcept { return literal.type != address_literal::kind::none; }
};

/// Bounds in octets. RFC 5321 4.5.3.1 asks for at least 64 (local part), 255 and 256; senders with VERP and SRS need more
/// than 64, and a path may be long by its source route and quoting, which we only step over.
inline constexpr std::size_t max_local_part = 128;
inline constexpr std::size_t max_domain = 255;
inline constexpr std::size_t max_path = 512;

enum class address_fault { syntax, too_long };

/// Reads `Mailbox`, the whole of `text`: "user@example.org", "\"a b\"@[192.0.2.1]".
[[nodiscard]] std::expected<address, address_fault> parse_mailbox(std::string_view text);

/// What stands in a MAIL or RCPT command, and how many octets it takes up, angle brackets included.
struct parsed_path {
    address value;
    std::size_t length = 0;
};

/// Reads `Reverse-path` at the start of `text`: "<user@example.org>", "<@a,@b:user@c>" or "<>".
[[nodiscard]] std::expected<parsed_path, address_fault> parse_reverse_path(std::string_view text);

/// Reads `Forward-path` or "<postmaster>", in any case (RFC 5321 4.1.1.3), at the start of `text`. Not "<>".
[[nodiscard]] std::expected<parsed_path, address_fault> parse_forward_path(std::string_view text);

/// The mailbox with as little quoting as possible (RFC 5321 4.1.2); reading it again gives the same parts. "" for null.
[[nodiscard]] std::string to_string(const address& a);

/// Whether a decoded local part looks like a route to somewhere else: `user%other` (percent hack), `other!user` (bang path),
/// `"user@other"`. No local user has such a name, so a policy that refuses it with 550 5.7.1 refuses relaying in disguise
/// (RFC 5321 3.6.1, appendix F.2).
[[nodiscard]] bool is_route_like(std::string_view local_part) noexcept;

}  // namespace postern::smtp
