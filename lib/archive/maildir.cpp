#include "archive/maildir.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "core/unicode.hpp"

namespace postern::archive {
namespace {

using storage::mailbox_role;

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

// RFC 6154 has the purposes; the names are what Dovecot, Exchange, Gmail's and Apple's programs use.
constexpr std::array<std::pair<std::string_view, mailbox_role>, 17> known_names{{
    {"inbox", mailbox_role::inbox},
    {"sent", mailbox_role::sent},
    {"sent items", mailbox_role::sent},
    {"sent messages", mailbox_role::sent},
    {"sent mail", mailbox_role::sent},
    {"drafts", mailbox_role::drafts},
    {"draft", mailbox_role::drafts},
    {"junk", mailbox_role::junk},
    {"junk e-mail", mailbox_role::junk},
    {"junk email", mailbox_role::junk},
    {"spam", mailbox_role::junk},
    {"trash", mailbox_role::trash},
    {"deleted items", mailbox_role::trash},
    {"deleted messages", mailbox_role::trash},
    {"bin", mailbox_role::trash},
    {"archive", mailbox_role::archive},
    {"archives", mailbox_role::archive},
}};

bool is_direct(char c) { return c >= 0x20 && c <= 0x7e && c != '.' && c != '/'; }

/// The next code point of valid UTF-8, taken off its front.
char32_t take_code_point(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && i < text.size(); ++i) {
        value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    text.remove_prefix(std::min(length, text.size()));
    return value;
}

void append_utf16(std::u16string& to, char32_t c) {
    if (c < 0x10000) {
        to.push_back(static_cast<char16_t>(c));
    } else {
        to.push_back(static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10)));
        to.push_back(static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF)));
    }
}

std::string shifted(const std::u16string& text) {
    std::string out = "&";
    std::uint32_t bits = 0;
    int count = 0;
    for (const auto unit : text) {
        bits = (bits << 16) | unit;
        for (count += 16; count >= 6; count -= 6) out += digits[(bits >> (count - 6)) & 0x3F];
        bits &= (1U << count) - 1;
    }
    if (count > 0) out += digits[(bits << (6 - count)) & 0x3F];
    return out + '-';
}

std::string to_modified_utf7(std::string_view utf8) {
    std::string out;
    std::u16string waiting;
    const auto flush = [&] {
        if (!waiting.empty()) out += shifted(std::exchange(waiting, {}));
    };
    while (!utf8.empty()) {
        if (is_direct(utf8.front())) {
            flush();
            out += utf8.front() == '&' ? std::string("&-") : std::string(1, utf8.front());
            utf8.remove_prefix(1);
        } else {
            append_utf16(waiting, take_code_point(utf8));
        }
    }
    flush();
    return out;
}

std::optional<std::u16string> unshifted(std::string_view base64) {
    std::u16string text;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : base64) {
        const auto value = digits.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 16) continue;
        count -= 16;
        text.push_back(static_cast<char16_t>(bits >> count));
        bits &= (1U << count) - 1;
    }
    return text;
}

std::string to_utf8(const std::u16string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char32_t c = text[i];
        if (c >= 0xD800 && c < 0xDC00 && i + 1 < text.size()) c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00U);
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x800) {
            out += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
        } else if (c < 0x10000) {
            out += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
                    static_cast<char>(0x80 | (c & 0x3F))};
        } else {
            out += {static_cast<char>(0xF0 | ((c >> 18) & 0x07)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
                    static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
        }
    }
    return out;
}

std::string from_modified_utf7(std::string_view text) {
    std::string out;
    for (auto rest = text; !rest.empty();) {
        const auto shift = rest.find('&');
        out += rest.substr(0, shift);
        if (shift == std::string_view::npos) break;
        rest.remove_prefix(shift + 1);
        const auto end = rest.find('-');
        const auto plain = end == std::string_view::npos ? std::nullopt : unshifted(rest.substr(0, end));
        if (!plain) return core::to_valid_utf8(text);
        out += end == 0 ? "&" : to_utf8(*plain);
        rest.remove_prefix(end + 1);
    }
    return core::to_valid_utf8(out);
}

template <class Number>
bool take_number(std::string_view& text, Number& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

}  // namespace

std::string info_of(const flags& f) {
    return fmt::format(":2,{}{}{}", f.flagged ? "F" : "", f.answered ? "R" : "", f.seen ? "S" : "");
}

flags flags_of(std::string_view file_name) {
    const auto info = file_name.rfind(":2,");
    if (info == std::string_view::npos) return {};
    const auto letters = file_name.substr(info + 3);
    return {letters.contains('S'), letters.contains('F'), letters.contains('R')};
}

std::string file_name_of(std::int64_t entry, core::timestamp received_at, std::uint64_t size) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(received_at);
    return fmt::format("{}.M{}P{}.postern,S={}", seconds.time_since_epoch().count(), (received_at - seconds).count(), entry,
                       size);
}

std::optional<own_file> own_file_of(std::string_view file_name) {
    const auto place = file_name.find('P');
    if (place == std::string_view::npos) return std::nullopt;
    file_name.remove_prefix(place + 1);
    own_file found;
    constexpr std::string_view mark = ".postern,S=";
    if (!take_number(file_name, found.entry) || !file_name.starts_with(mark)) return std::nullopt;
    file_name.remove_prefix(mark.size());
    if (!take_number(file_name, found.size) || !(file_name.empty() || file_name.starts_with(':'))) return std::nullopt;
    return found;
}

std::string folder_of_mailbox(std::string_view mailbox) {
    std::string folder;
    for (bool more = true; more;) {
        const auto end = std::min(mailbox.find('/'), mailbox.size());
        folder += '.' + to_modified_utf7(mailbox.substr(0, end));
        more = end < mailbox.size();
        mailbox.remove_prefix(std::min(end + 1, mailbox.size()));
    }
    return folder;
}

std::optional<std::string> mailbox_of_folder(std::string_view folder) {
    if (!folder.starts_with('.') || folder == "." || folder == "..") return std::nullopt;
    folder.remove_prefix(1);
    std::string mailbox;
    for (bool more = true; more;) {
        const auto end = std::min(folder.find('.'), folder.size());
        mailbox += (mailbox.empty() ? "" : "/") + from_modified_utf7(folder.substr(0, end));
        more = end < folder.size();
        folder.remove_prefix(std::min(end + 1, folder.size()));
    }
    return mailbox;
}

mailbox_role role_of_name(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto* found = std::ranges::find(known_names, lower, &std::pair<std::string_view, mailbox_role>::first);
    return found == known_names.end() ? mailbox_role::none : found->second;
}

}  // namespace postern::archive
