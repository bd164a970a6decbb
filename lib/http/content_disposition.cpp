#include "http/content_disposition.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/format.hpp"
#include "core/unicode.hpp"

namespace postern::http {

namespace {

constexpr std::size_t longest_filename = 200;

/// The marks and embeddings of Unicode's bidirectional algorithm, in UTF-8: U+061C, U+200E, U+200F, U+202A-E, U+2066-9.
constexpr std::array<std::string_view, 12> direction_marks = {"\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA",
                                                              "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE",
                                                              "\xE2\x81\xA6", "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9"};

std::string safe_name(std::string_view given) {
    if (const auto slash = given.find_last_of("/\\"); slash != std::string_view::npos) given.remove_prefix(slash + 1);
    if (!core::is_utf8(given)) given = {};
    std::string name(given);
    for (const auto mark : direction_marks) {
        for (auto at = name.find(mark); at != std::string::npos; at = name.find(mark, at)) name.replace(at, mark.size(), "_");
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; };
    std::ranges::replace_if(name, control, '_');
    if (name.size() > longest_filename) {
        auto end = longest_filename;
        while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
        name.resize(end);
    }
    if (name.empty() || name == "." || name == "..") return "attachment";
    return name;
}

/// RFC 8187 3.2.1: attr-char.
bool is_attribute_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view name) {
    std::string encoded;
    for (const char c : name) {
        if (is_attribute_character(c)) {
            encoded += c;
        } else {
            core::append(encoded, "%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return encoded;
}

}  // namespace

std::string content_disposition(std::string_view filename) {
    const auto name = safe_name(filename);
    std::string plain;
    // RFC 6266 D: quotes and backslashes are unescaped differently by different agents, and "%" is decoded by some.
    for (const char c : name) {
        const bool kept = static_cast<unsigned char>(c) < 0x80U && c != '"' && c != '\\' && c != '%';
        const bool continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
        if (!continuation) plain += kept ? c : '_';
    }
    if (plain == name) return fmt::format(R"(attachment; filename="{}")", plain);
    return fmt::format(R"(attachment; filename="{}"; filename*=UTF-8''{})", plain, percent_encoded(name));
}

}  // namespace postern::http
