#include "core/unicode.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <idn2.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

namespace postern::core {

namespace {

constexpr std::size_t max_domain = 255;  // RFC 5321 4.5.3.1.2
constexpr std::size_t max_label = 63;    // RFC 1035 2.3.4

struct free_deleter {
    void operator()(void* p) const noexcept { std::free(p); }
};
template <class T>
using malloced = std::unique_ptr<T, free_deleter>;

const std::uint8_t* octets(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Letters in lower case, digits, hyphen and underscore (seen in the wild), labels of 1 to 63.
bool is_host_name(std::string_view domain) {
    std::size_t label = 0;
    for (const char c : domain) {
        if (c == '.') {
            if (label == 0 || label > max_label) return false;
            label = 0;
            continue;
        }
        const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!allowed) return false;
        ++label;
    }
    return label > 0 && label <= max_label && domain.size() <= max_domain;
}

}  // namespace

bool is_ascii(std::string_view text) noexcept {
    unsigned char all = 0;
    for (const char c : text) all |= static_cast<unsigned char>(c);  // without a way out, so that it runs over many at once
    return all < 0x80;
}

bool is_utf8(std::string_view text) noexcept { return is_ascii(text) || u8_check(octets(text), text.size()) == nullptr; }

std::string to_valid_utf8(std::string_view text) {
    std::string valid;
    while (const auto* bad = u8_check(octets(text), text.size())) {
        const auto good = static_cast<std::size_t>(bad - octets(text));
        valid.append(text.substr(0, good)).append("\xef\xbf\xbd");
        text.remove_prefix(good + 1);
    }
    return valid.append(text);
}

std::optional<std::string> fold_case(std::string_view utf8) {
    if (is_ascii(utf8)) {
        std::string folded(utf8);
        std::ranges::transform(folded, folded.begin(), lower);
        return folded;
    }
    if (!is_utf8(utf8)) return std::nullopt;
    std::size_t length = 0;
    const malloced<std::uint8_t> folded(u8_casefold(octets(utf8), utf8.size(), nullptr, UNINORM_NFC, nullptr, &length));
    if (!folded) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(folded.get()), length);
}

std::optional<std::string> to_a_label(std::string_view domain) {
    if (domain.ends_with('.')) domain.remove_suffix(1);
    if (domain.empty() || domain.size() > max_domain * 4) return std::nullopt;
    std::string name(domain);
    std::ranges::transform(name, name.begin(), lower);
    const bool encoded = name.find("xn--") != std::string::npos;
    if (is_ascii(name) && !encoded) return is_host_name(name) ? std::optional(name) : std::nullopt;
    if (name.contains('\0')) return std::nullopt;  // C below would read up to it only
    char* raw = nullptr;
    if (idn2_to_ascii_8z(name.c_str(), &raw, IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES) != IDN2_OK) return std::nullopt;
    const std::unique_ptr<char, decltype(&idn2_free)> held(raw, &idn2_free);
    std::string ascii(raw);
    std::ranges::transform(ascii, ascii.begin(), lower);
    return is_host_name(ascii) ? std::optional(ascii) : std::nullopt;  // libidn2 lets empty labels pass
}

std::string to_u_label(std::string_view domain) {
    if (domain.find("xn--") == std::string_view::npos) return std::string(domain);
    char* raw = nullptr;
    if (idn2_to_unicode_8z8z(std::string(domain).c_str(), &raw, 0) != IDN2_OK) return std::string(domain);
    const std::unique_ptr<char, decltype(&idn2_free)> held(raw, &idn2_free);
    return std::string(raw);
}

}  // namespace postern::core
