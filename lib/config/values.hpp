#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

/// The texts a person writes for a value, and back. Also used for command-line arguments such as `--quota 2G`.
///
/// Parsers take the whole text, allow no space around it, never throw, and refuse what does not fit their type.
/// Ranges are the caller's.
namespace postern::config {

/// A value, or what is wrong with the text, to follow the text itself: "has no port".
template <class T>
using parsed = std::expected<T, std::string>;

/// Decimal digits only: "1000".
[[nodiscard]] parsed<std::uint64_t> parse_integer(std::string_view text);

/// Octets, or with K, M, G or T for powers of 1024: "65536", "50M", "2g".
[[nodiscard]] parsed<std::uint64_t> parse_size(std::string_view text);

/// A whole number and its unit: "500ms", "30s", "5m", "1h", "4d". No unit is refused: a bare 30 has been seconds to one reader
/// and minutes to the next. At most 10 years.
[[nodiscard]] parsed<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "true", "yes", "on" or "false", "no", "off".
[[nodiscard]] parsed<bool> parse_boolean(std::string_view text);

/// "127.0.0.1:2525, [::1]:2525", each address rewritten in its canonical form; "none" is the empty list.
[[nodiscard]] parsed<std::vector<endpoint>> parse_endpoints(std::string_view text);

/// An absolute path, made plain of "." and "..": a relative one would name another file for the server than for a person at
/// another place.
[[nodiscard]] parsed<std::filesystem::path> parse_path(std::string_view text);

/// "/etc/a.pem, /etc/b.pem"; "none" is the empty list.
[[nodiscard]] parsed<std::vector<std::filesystem::path>> parse_paths(std::string_view text);

/// A host's name as A-labels in lower case (RFC 5321 2.3.5: letters, digits, hyphens), never an address literal.
[[nodiscard]] parsed<std::string> parse_hostname(std::string_view text);

/// "1m, 5m, 1h": at least one, at most 50, each from 1ms to 7 days.
[[nodiscard]] parsed<std::vector<std::chrono::milliseconds>> parse_durations(std::string_view text);

/// A host to connect to: a name, or an IPv4 or IPv6 literal without brackets; "none" is the empty string.
[[nodiscard]] parsed<std::string> parse_host(std::string_view text);

/// "example.org=mx.example.net:25, example.com=[2001:db8::1]:2525"; without a port it is 25; "none" is the empty list.
[[nodiscard]] parsed<std::vector<relay_route>> parse_routes(std::string_view text);

/// "192.0.2.0/24, 2001:db8::/32": networks, each an address with the length of its prefix; "none" is the empty list.
[[nodiscard]] parsed<std::vector<std::string>> parse_networks(std::string_view text);

/// "127.0.0.1:53, ::1": addresses of name servers; without a port it is 53; "none" is the empty list.
[[nodiscard]] parsed<std::vector<endpoint>> parse_servers(std::string_view text);

/// "192.0.2.1, 2001:db8::1", in canonical form; "none" is the empty list.
[[nodiscard]] parsed<std::vector<std::string>> parse_addresses(std::string_view text);

/// "admin@example.org": something, an "@" and a domain name, which is rewritten as A-labels. Whether it can be an account's
/// is for those to say who make accounts. "none" is the empty string.
[[nodiscard]] parsed<std::string> parse_mail_address(std::string_view text);

/// Text without control characters, not empty; "none" is the empty string.
[[nodiscard]] parsed<std::string> parse_text(std::string_view text);

[[nodiscard]] std::string format_size(std::uint64_t octets);
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);
[[nodiscard]] std::string format_durations(const std::vector<std::chrono::milliseconds>& list);
[[nodiscard]] std::string format_routes(const std::vector<relay_route>& list);
[[nodiscard]] std::string format_addresses(const std::vector<std::string>& list);
[[nodiscard]] std::string format_text(const std::string& text);
[[nodiscard]] std::string format_endpoint(const endpoint& e);
[[nodiscard]] std::string format_endpoints(const std::vector<endpoint>& list);
[[nodiscard]] std::string format_paths(const std::vector<std::filesystem::path>& list);

}  // namespace postern::config
