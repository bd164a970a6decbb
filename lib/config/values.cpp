#include "config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include <fmt/format.h>

#include "config/text.hpp"
#include "core/unicode.hpp"

namespace postern::config {

namespace {

template <class T>
using unit = std::pair<std::string_view, T>;

constexpr std::array<unit<std::uint64_t>, 4> size_units{{
    {"T", 1ULL << 40},
    {"G", 1ULL << 30},
    {"M", 1ULL << 20},
    {"K", 1ULL << 10},
}};

constexpr std::array<unit<std::int64_t>, 5> duration_units{{
    {"d", 86'400'000},
    {"h", 3'600'000},
    {"m", 60'000},
    {"s", 1000},
    {"ms", 1},
}};

constexpr std::int64_t max_duration = 3650 * duration_units[0].second;

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits at the front and what follows them.
std::pair<std::string_view, std::string_view> split_number(std::string_view text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return {text.substr(0, length), text.substr(length)};
}

/// The address in canonical form, or nothing.
std::optional<std::string> canonical_ip(int family, const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    std::array<char, INET6_ADDRSTRLEN> back{};
    if (inet_pton(family, text.c_str(), binary.data()) != 1) return std::nullopt;
    if (inet_ntop(family, binary.data(), back.data(), back.size()) == nullptr) return std::nullopt;
    return std::string(back.data());
}

parsed<endpoint> parse_endpoint(std::string_view text) {
    const auto wrong = [&](std::string_view why) { return std::unexpected(fmt::format("has {} {}", in_quotes(text), why)); };
    const auto colon = text.rfind(':');
    const bool bracketed = text.starts_with('[');
    if (colon == std::string_view::npos || (bracketed && !text.substr(0, colon).ends_with(']')))
        return wrong("without a port, such as 127.0.0.1:25");
    auto address = text.substr(0, colon);
    if (bracketed)
        address = address.substr(1, address.size() - 2);
    else if (address.contains(':'))
        return wrong("where an IPv6 address stands without brackets, such as [::1]:25");

    // inet_pton takes a C string: a NUL inside would hide what follows it.
    if (address.contains('\0')) return wrong("which is not an IP address");
    const auto canonical = canonical_ip(bracketed ? AF_INET6 : AF_INET, std::string(address));
    if (!canonical) {
        if (address == "*" || address.empty()) return wrong("without an address; all of them are 0.0.0.0 and [::]");
        return wrong("which is not an IP address; names are not looked up");
    }
    const auto port = parse_integer(text.substr(colon + 1));
    if (!port || *port > std::numeric_limits<std::uint16_t>::max()) return wrong("whose port is not from 0 to 65535");
    return endpoint{*canonical, static_cast<std::uint16_t>(*port)};
}

bool is_host_label(std::string_view label) {
    return !label.empty() && !label.starts_with('-') && !label.ends_with('-') &&
           std::ranges::all_of(label, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

/// An IPv4 or IPv6 literal, the latter with or without brackets, in canonical form without them; or nothing.
std::optional<std::string> literal(std::string_view text) {
    if (text.contains('\0')) return std::nullopt;
    if (text.starts_with('[') && text.ends_with(']'))
        return canonical_ip(AF_INET6, std::string(text.substr(1, text.size() - 2)));
    return canonical_ip(text.contains(':') ? AF_INET6 : AF_INET, std::string(text));
}

parsed<std::chrono::milliseconds> parse_pause(std::string_view text) {
    const auto value = parse_duration(text);
    if (!value) return std::unexpected(fmt::format("has {}, which {}", in_quotes(text), value.error()));
    if (*value < std::chrono::milliseconds(1) || *value > std::chrono::days(7))
        return std::unexpected(fmt::format("has {}, which is out of range", in_quotes(text)));
    return *value;
}

/// A name or a literal with an optional port behind a colon.
parsed<std::pair<std::string, std::uint16_t>> parse_host_and_port(std::string_view text, std::uint16_t usual) {
    if (auto address = literal(text)) return std::pair(*std::move(address), usual);
    const auto colon = text.rfind(':');
    auto port = std::uint64_t{usual};
    if (colon != std::string_view::npos) {
        const auto given = parse_integer(text.substr(colon + 1));
        if (!given || *given == 0 || *given > std::numeric_limits<std::uint16_t>::max())
            return std::unexpected(fmt::format("has {}, whose port is not from 1 to 65535", in_quotes(text)));
        port = *given;
    }
    auto host = parse_host(text.substr(0, colon));
    if (!host || host->empty()) return std::unexpected(fmt::format("has {}, which is not a host", in_quotes(text)));
    return std::pair(*std::move(host), static_cast<std::uint16_t>(port));
}

parsed<relay_route> parse_route(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        return std::unexpected(fmt::format("has {} without a host, such as example.org=mx.example.net:25", in_quotes(text)));
    const auto name = trim(text.substr(0, equals));
    auto domain = parse_hostname(name);
    if (!domain) return std::unexpected(fmt::format("has {}, which {}", in_quotes(name), domain.error()));
    auto to = parse_host_and_port(trim(text.substr(equals + 1)), 25);
    if (!to) return std::unexpected(std::move(to).error());
    return relay_route{*std::move(domain), std::move(to->first), to->second};
}

parsed<endpoint> parse_server(std::string_view text) {
    auto server = parse_host_and_port(text, 53);
    if (!server) return std::unexpected(std::move(server).error());
    if (!literal(server->first)) return std::unexpected(fmt::format("has {}, which is not an IP address", in_quotes(text)));
    return endpoint{std::move(server->first), server->second};
}

parsed<std::string> parse_address(std::string_view text) {
    auto address = literal(text);
    if (!address) return std::unexpected(fmt::format("has {}, which is not an IP address", in_quotes(text)));
    return *std::move(address);
}

parsed<std::string> parse_network(std::string_view text) {
    const auto slash = std::min(text.find('/'), text.size());
    const auto address = literal(text.substr(0, slash));
    const bool v6 = address && address->contains(':');
    const auto length = parse_integer(text.substr(std::min(slash + 1, text.size())));
    if (!address || !length || *length > (v6 ? 128U : 32U)) {
        return std::unexpected(fmt::format("has {}, which is not a network", in_quotes(text)));
    }
    return fmt::format("{}/{}", *address, *length);
}

/// "none", or values with commas between them, each of which `parse` understands.
template <class T>
parsed<std::vector<T>> parse_list(std::string_view text, parsed<T> (*parse)(std::string_view)) {
    std::vector<T> list;
    if (text == "none") return list;
    for (std::size_t start = 0; start <= text.size();) {
        const auto comma = std::min(text.find(',', start), text.size());
        auto one = parse(trim(text.substr(start, comma - start)));
        if (!one) return std::unexpected(std::move(one).error());
        list.push_back(std::move(*one));
        start = comma + 1;
    }
    return list;
}

template <class T>
std::string format_list(const std::vector<T>& list, std::string (*format)(const T&)) {
    if (list.empty()) return "none";
    std::string text;
    for (const auto& one : list) {
        if (!text.empty()) text += ", ";
        text += format(one);
    }
    return text;
}

}  // namespace

parsed<std::uint64_t> parse_integer(std::string_view text) {
    std::uint64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) return std::unexpected("is too large");
    if (error != std::errc{} || stop != end) return std::unexpected("is not a whole number");
    return value;
}

parsed<std::uint64_t> parse_size(std::string_view text) {
    const auto [digits, suffix] = split_number(text);
    const auto number = parse_integer(digits);
    if (!number) return std::unexpected(digits.empty() ? "is not a size" : number.error());
    if (suffix.empty()) return *number;
    for (const auto& [name, factor] : size_units) {
        if (lower(suffix) != lower(name)) continue;
        if (*number > std::numeric_limits<std::uint64_t>::max() / factor) return std::unexpected("is too large");
        return *number * factor;
    }
    return std::unexpected(fmt::format("has the unit {}; sizes end in K, M, G, T or nothing", in_quotes(suffix)));
}

parsed<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto [digits, suffix] = split_number(text);
    const auto number = parse_integer(digits);
    if (!number) return std::unexpected(digits.empty() ? "is not a duration" : number.error());
    if (suffix.empty()) return std::unexpected("has no unit; durations end in ms, s, m, h or d");
    for (const auto& [name, factor] : duration_units) {
        if (suffix != name) continue;
        if (*number > static_cast<std::uint64_t>(max_duration / factor)) return std::unexpected("is too long");
        return std::chrono::milliseconds(static_cast<std::int64_t>(*number) * factor);
    }
    return std::unexpected(fmt::format("has the unit {}; durations end in ms, s, m, h or d", in_quotes(suffix)));
}

parsed<bool> parse_boolean(std::string_view text) {
    const auto word = lower(text);
    if (word == "true" || word == "yes" || word == "on") return true;
    if (word == "false" || word == "no" || word == "off") return false;
    return std::unexpected("is neither true nor false");
}

parsed<std::vector<endpoint>> parse_endpoints(std::string_view text) {
    if (text.empty()) return std::unexpected("is empty; to listen nowhere write none");
    return parse_list(text, parse_endpoint);
}

parsed<std::filesystem::path> parse_path(std::string_view text) {
    if (!text.starts_with('/') || text.contains('\0')) return std::unexpected("is not an absolute path");
    return std::filesystem::path(text).lexically_normal();
}

parsed<std::vector<std::filesystem::path>> parse_paths(std::string_view text) {
    if (text.empty()) return std::unexpected("is empty; for no file write none");
    return parse_list<std::filesystem::path>(text, [](std::string_view one) -> parsed<std::filesystem::path> {
        auto path = parse_path(one);
        if (!path) return std::unexpected(fmt::format("has {}, which {}", in_quotes(one), path.error()));
        return path;
    });
}

parsed<std::string> parse_hostname(std::string_view text) {
    auto name = text.contains('\0') ? std::nullopt : core::to_a_label(text);
    if (!name) return std::unexpected("is not a domain name");
    for (std::size_t start = 0; start <= name->size();) {
        const auto dot = std::min(name->find('.', start), name->size());
        const auto label = std::string_view(*name).substr(start, dot - start);
        if (!is_host_label(label)) return std::unexpected("is not a domain name: labels are letters, digits and inner hyphens");
        // RFC 3696 2: no top level is all digits, so that a name is never taken for an IPv4 address.
        if (dot == name->size() && std::ranges::all_of(label, is_digit))
            return std::unexpected("is a number, not a domain name");
        start = dot + 1;
    }
    return *std::move(name);
}

parsed<std::vector<std::chrono::milliseconds>> parse_durations(std::string_view text) {
    constexpr std::size_t most = 50;
    auto list = parse_list(text, parse_pause);
    if (list && list->empty()) return std::unexpected("is empty");
    if (list && list->size() > most) return std::unexpected("is too long");
    return list;
}

parsed<std::string> parse_host(std::string_view text) {
    if (text == "none") return std::string();
    if (auto address = literal(text)) return *std::move(address);
    return parse_hostname(text);
}

parsed<std::vector<relay_route>> parse_routes(std::string_view text) { return parse_list(text, parse_route); }

parsed<std::vector<endpoint>> parse_servers(std::string_view text) { return parse_list(text, parse_server); }

parsed<std::vector<std::string>> parse_addresses(std::string_view text) { return parse_list(text, parse_address); }

parsed<std::vector<std::string>> parse_networks(std::string_view text) { return parse_list(text, parse_network); }

parsed<std::string> parse_text(std::string_view text) {
    if (text == "none") return std::string();
    if (text.empty()) return std::unexpected("is empty");
    const bool sound = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!sound || !core::is_utf8(text)) return std::unexpected("is not text");
    return std::string(text);
}

parsed<std::string> parse_mail_address(std::string_view text) {
    auto address = parse_text(text);
    if (!address || address->empty()) return address;
    const auto at = address->rfind('@');
    if (at == std::string::npos || at == 0) return std::unexpected("is not a mail address");
    const auto domain = parse_hostname(std::string_view(*address).substr(at + 1));
    if (!domain) return std::unexpected("is not a mail address: its domain " + domain.error());
    return address->substr(0, at + 1) + *domain;
}

std::string format_size(std::uint64_t octets) {
    for (const auto& [name, factor] : size_units) {
        if (octets >= factor && octets % factor == 0) return fmt::format("{}{}", octets / factor, name);
    }
    return fmt::to_string(octets);
}

std::string format_duration(std::chrono::milliseconds duration) {
    for (const auto& [name, factor] : duration_units) {
        if (duration.count() >= factor && duration.count() % factor == 0)
            return fmt::format("{}{}", duration.count() / factor, name);
    }
    return "0s";
}

std::string format_durations(const std::vector<std::chrono::milliseconds>& list) {
    return format_list<std::chrono::milliseconds>(list,
                                                  [](const std::chrono::milliseconds& one) { return format_duration(one); });
}

std::string format_routes(const std::vector<relay_route>& list) {
    return format_list<relay_route>(
        list, [](const relay_route& r) { return fmt::format("{}={}", r.domain, format_endpoint({r.host, r.port})); });
}

std::string format_addresses(const std::vector<std::string>& list) {
    return format_list<std::string>(list, [](const std::string& one) { return one; });
}

std::string format_text(const std::string& text) { return text.empty() ? "none" : text; }

std::string format_endpoint(const endpoint& e) {
    return fmt::format(fmt::runtime(e.address.contains(':') ? "[{}]:{}" : "{}:{}"), e.address, e.port);
}

std::string format_endpoints(const std::vector<endpoint>& list) { return format_list(list, format_endpoint); }

std::string format_paths(const std::vector<std::filesystem::path>& list) {
    return format_list<std::filesystem::path>(list, [](const std::filesystem::path& one) { return one.string(); });
}

}  // namespace postern::config
