#include "smtp/dsn_parameters.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <unistr.h>

#include "core/format.hpp"
#include "core/unicode.hpp"
#include "smtp/characters.hpp"
#include "smtp/xtext.hpp"

namespace postern::smtp {

namespace {

const std::uint8_t* octets(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

bool is_utf8_type(std::string_view type) { return equals_ignoring_case(type, "utf-8"); }

/// RFC 3461 4.2, 4.4: what may stand in a report's header. Line ends, above all, may not.
bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return is_visible(c) || c == ' ' || c == '\t'; });
}

/// C0 and C1 control characters and DEL.
bool is_control(ucs4_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

/// What must be written as EmbeddedUnicodeChar wherever the address stands in an ORCPT (RFC 6533 section 3: QCHAR).
bool is_special(ucs4_t c) { return c == ' ' || c == '\\' || c == '+' || c == '='; }

/// Takes the EmbeddedUnicodeChar "\x{HEXPOINT}" off `text` and appends its character.
bool take_embedded(std::string_view& text, std::string& out) {
    constexpr std::string_view start = "\\x{";
    if (!text.starts_with(start)) return false;
    const auto digits = text.substr(start.size(), text.find('}') - start.size());
    if (start.size() + digits.size() >= text.size()) return false;
    ucs4_t c = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), c, 16);
    // HEXPOINT has no leading zeros but for control characters, which are not taken at all.
    if (error != std::errc{} || stop != digits.data() + digits.size() || digits.size() < 2 || digits.front() == '0')
        return false;
    if (c < 0x80 && !is_special(c)) return false;
    if (is_control(c)) return false;
    std::array<std::uint8_t, 6> encoded{};
    const int length = u8_uctomb(encoded.data(), c, encoded.size());
    if (length <= 0) return false;  // a surrogate, or beyond U+10FFFF
    out.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length));
    text.remove_prefix(start.size() + digits.size() + 1);
    return true;
}

/// utf-8-enc-addr (RFC 6533 section 3).
std::optional<std::string> decode_unitext(std::string_view text, bool utf8) {
    if (!core::is_utf8(text) || (!utf8 && !core::is_ascii(text))) return std::nullopt;
    std::string decoded;
    decoded.reserve(text.size());
    while (!text.empty()) {
        if (text.front() == '\\') {
            if (!take_embedded(text, decoded)) return std::nullopt;
            continue;
        }
        ucs4_t c = 0;
        const auto length = static_cast<std::size_t>(u8_mbtouc_unsafe(&c, octets(text), text.size()));
        if (is_control(c) || is_special(c)) return std::nullopt;
        decoded.append(text.substr(0, length));
        text.remove_prefix(length);
    }
    return decoded;
}

std::string encode_unitext(std::string_view address, bool utf8) {
    std::string text;
    while (!address.empty()) {
        ucs4_t c = 0;
        const auto length = static_cast<std::size_t>(u8_mbtouc(&c, octets(address), address.size()));
        if (is_special(c) || is_control(c) || (c >= 0x80 && !utf8)) {
            core::append(text, "\\x{{{:02X}}}", c);
        } else {
            text.append(address.substr(0, length));
        }
        address.remove_prefix(length);
    }
    return text;
}

}  // namespace

std::optional<dsn_return> parse_ret(std::string_view value) {
    if (equals_ignoring_case(value, "FULL")) return dsn_return::full;
    if (equals_ignoring_case(value, "HDRS")) return dsn_return::headers;
    return std::nullopt;
}

std::string_view to_string(dsn_return ret) noexcept {
    switch (ret) {
        case dsn_return::full: return "FULL";
        case dsn_return::headers: return "HDRS";
        case dsn_return::unspecified: break;
    }
    return "";
}

std::optional<dsn_notify> parse_notify(std::string_view value) {
    // RFC 3461 4.1: NEVER stands by itself.
    if (equals_ignoring_case(value, "NEVER")) return dsn_notify{.given = true, .never = true};
    dsn_notify notify{.given = true};
    while (true) {
        const auto element = value.substr(0, value.find(','));
        if (equals_ignoring_case(element, "SUCCESS")) {
            notify.success = true;
        } else if (equals_ignoring_case(element, "FAILURE")) {
            notify.failure = true;
        } else if (equals_ignoring_case(element, "DELAY")) {
            notify.delay = true;
        } else {
            return std::nullopt;
        }
        if (element.size() == value.size()) return notify;
        value.remove_prefix(element.size() + 1);
    }
}

std::string to_string(const dsn_notify& notify) {
    if (notify.never) return "NEVER";
    std::string text;
    const auto add = [&text](bool wanted, std::string_view word) {
        if (wanted) text.append(text.empty() ? "" : ",").append(word);
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    return text;
}

std::optional<std::string> parse_envid(std::string_view value) {
    if (value.empty() || value.size() > max_envid) return std::nullopt;
    auto id = decode_xtext(value);
    if (id && !is_printable(*id)) return std::nullopt;
    return id;
}

std::optional<std::string> parse_orcpt(std::string_view value, bool utf8) {
    if (value.size() > max_orcpt) return std::nullopt;
    const auto type = value.substr(0, value.find(';'));
    // addr-type is an atom. Without an address nobody could be told about.
    if (type.empty() || type.size() + 1 >= value.size()) return std::nullopt;
    if (!std::ranges::all_of(type, [](char c) { return is_atext(c) && !is_beyond_ascii(c); })) return std::nullopt;
    const auto encoded = value.substr(type.size() + 1);
    auto address = is_utf8_type(type) ? decode_unitext(encoded, utf8) : decode_xtext(encoded);
    if (!address || (!is_utf8_type(type) && !is_printable(*address))) return std::nullopt;
    return std::string(type).append(";").append(*address);
}

std::string encode_orcpt(std::string_view decoded, bool utf8) {
    const auto type = decoded.substr(0, decoded.find(';'));
    if (type.size() == decoded.size()) return {};
    const auto address = decoded.substr(type.size() + 1);
    return std::string(type).append(";").append(is_utf8_type(type) ? encode_unitext(address, utf8) : encode_xtext(address));
}

}  // namespace postern::smtp
