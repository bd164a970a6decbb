#include "message/field_decoder.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "core/unicode.hpp"
#include "message/charset.hpp"
#include "message/clean_text.hpp"
#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_field = 64UL * 1024;  // octets of a field that are read, and no more than these for each:
constexpr std::size_t octets_per_octet = 16;    // of text, encoded as wastefully as can be
constexpr std::size_t octets_per_address = 512;
constexpr std::size_t min_value = 4UL * 1024;
constexpr std::size_t max_colons = 100;
constexpr std::size_t max_date = 128;
constexpr std::size_t max_name = 512;
constexpr std::size_t max_address = 320;  // RFC 5321 4.5.3.1: 64, "@", 255

struct date_deleter {
    void operator()(GDateTime* date) const noexcept { g_date_time_unref(date); }
};

void append_mailboxes(InternetAddressList* list, std::size_t max, std::vector<mailbox_address>& out) {
    const int length = internet_address_list_length(list);
    for (int i = 0; i < length && out.size() < max; ++i) {
        auto* entry = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(entry)) {
            // RFC 6854: a group is its members here.
            append_mailboxes(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(entry)), max, out);
            continue;
        }
        const char* name = internet_address_get_name(entry);
        const char* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(entry));
        mailbox_address decoded{.name = name == nullptr ? std::string{} : clean_line(name, max_name),
                                .address = address == nullptr ? std::string{} : clean_line(address, max_address)};
        if (!decoded.name.empty() || !decoded.address.empty()) out.push_back(std::move(decoded));
    }
}

/// The part of an address list that is read for `max` addresses, without the address at the end that the limit cuts in two.
std::string_view whole_addresses(std::string_view value, std::size_t max) {
    const auto limit = std::clamp(max * octets_per_address, min_value, max_field);
    if (value.size() <= limit) return value;
    return value.substr(0, value.substr(0, limit).rfind(','));
}

/// Turns into blanks the brackets of comments that have no end, and what would hide one: behind "a@[192.0.2.1]" such a comment
/// makes GMime 3.2.13 forget the address without freeing it (its issue 159), for ever and for each message.
void blank_endless_comments(std::string& line) {
    if (!line.contains('[')) return;
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '(' && line[i] != ')') continue;
        for (auto before = i; before > 0 && line[before - 1] == '\\'; --before) line[before - 1] = ' ';
        if (line[i] == '(') {
            open.push_back(i);
        } else if (!open.empty()) {
            open.pop_back();
        }
    }
    for (const auto at : open) line[at] = ' ';
}

/// An address list as GMime may be given it. GMime takes each colon for the start of a group and calls itself for it, so that
/// "a:a:a:..." in To would overflow the stack of whoever reads it: of more colons than a person writes the rest become blanks.
std::string readable_addresses(std::string_view value, std::size_t max) {
    auto line = with_known_charsets_in_words(readable_line(whole_addresses(value, max), max_field));
    std::size_t colons = 0;
    for (char& c : line) {
        if (c == ':' && ++colons > max_colons) c = ' ';
    }
    blank_endless_comments(line);
    return line;
}

/// RFC 5322 3.2.3's atext, but for what is rare or means something to RFC 2047.
bool is_plain_atext(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '+';
}

/// Whether `text` is one or more atoms with `between` between them.
bool is_plain_atoms(std::string_view text, char between) {
    bool in_atom = false;
    for (const char c : text) {
        if (!is_plain_atext(c) && !(in_atom && c == between)) return false;
        in_atom = c != between;
    }
    return in_atom;
}

bool is_plain_name(std::string_view name) {
    if (!name.starts_with('"')) return is_plain_atoms(name, ' ');
    return name.size() > 2 && name.ends_with('"') && is_plain_atoms(name.substr(1, name.size() - 2), ' ');
}

/// One mailbox as nearly every field has it, "a@example.org", "<a@example.org>" or "Alice <a@example.org>": GMime makes half a
/// dozen objects of it, which take longer than all else there is to a summary.
std::optional<mailbox_address> read_plain_mailbox(std::string_view line) {
    std::string_view name;
    auto address = line;
    if (line.ends_with('>')) {
        const auto open = line.find('<');
        if (open == std::string_view::npos) return std::nullopt;
        address = line.substr(open + 1, line.size() - open - 2);
        name = line.substr(0, open);
        if (name.ends_with(' ')) name.remove_suffix(1);
    }
    const auto at = address.find('@');
    if (at == std::string_view::npos || address.size() > max_address || name.size() > max_name) return std::nullopt;
    if (!is_plain_atoms(address.substr(0, at), '.') || !is_plain_atoms(address.substr(at + 1), '.')) return std::nullopt;
    if (address.contains("--")) return std::nullopt;  // an A-label perhaps, which is shown in its own letters
    if (!name.empty() && !is_plain_name(name)) return std::nullopt;
    if (name.starts_with('"')) name = name.substr(1, name.size() - 2);
    return mailbox_address{.name = std::string(name), .address = std::string(address)};
}

std::string id_without_blanks(std::string_view text) {
    auto id = readable_line(text, max_line_length);
    std::erase(id, ' ');
    return id;
}

/// A date-time as nearly all programs write it (RFC 5322 3.3), "Mon, 23 Nov 2026 05:10:00 +0200": turned into RFC 3339's form.
std::optional<core::timestamp> read_plain_date(std::string_view line) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::string_view week_day = "Mon, ";
    constexpr std::string_view behind_day = " Nov 2026 05:10:00 +0200";
    if (line.find(", ") == 3) line.remove_prefix(week_day.size());
    const auto day = line.substr(0, line.find(' '));
    line.remove_prefix(day.size());
    const auto month = months.find(line.substr(std::min<std::size_t>(line.size(), 1), 3));
    const auto comment = line.substr(std::min(line.size(), behind_day.size()));
    if (line.size() < behind_day.size() || (!comment.empty() && !comment.starts_with(" ("))) return std::nullopt;
    if (month == std::string_view::npos || month % 3 != 0 || line[4] != ' ' || line[9] != ' ' || line[18] != ' ')
        return std::nullopt;
    return core::parse_rfc3339(fmt::format("{}-{:02}-{:0>2}T{}{}:{}", line.substr(5, 4), month / 3 + 1, day, line.substr(10, 8),
                                           line.substr(19, 3), line.substr(22, 2)));
}

/// A date in one of the many forms programs have thought of.
std::optional<core::timestamp> decode_odd_date(const std::string& line) {
    const std::unique_ptr<GDateTime, date_deleter> date(g_mime_utils_header_decode_date(line.c_str()));
    if (!date) return std::nullopt;
    return core::timestamp(std::chrono::seconds(g_date_time_to_unix(date.get())));
}

}  // namespace

std::string readable_line(std::string_view value, std::size_t max) {
    // An escape announces Japanese in ISO 2022, as it stood in headers before RFC 2047.
    const bool plain = core::is_ascii(value) && !value.contains('\x1b');
    return plain ? clean_line(value, max) : clean_line(to_utf8(value, {}), max);
}

std::string decode_text(std::string_view value, std::size_t max) {
    value = value.substr(0, std::clamp(max * octets_per_octet, min_value, max_field));
    if (value.find("=?") == std::string_view::npos) return readable_line(value, max);
    const auto line = with_known_charsets_in_words(readable_line(value, max_field));
    const gmime_string decoded(g_mime_utils_header_decode_text(gmime_options(), line.c_str()));
    return clean_line(decoded.get(), max);
}

std::vector<mailbox_address> decode_addresses(const header_block& header, std::string_view name, std::size_t max) {
    std::vector<mailbox_address> addresses;
    for (const auto& field : header.fields()) {
        if (addresses.size() >= max) break;
        if (!same_name(field.name, name)) continue;
        const auto line = readable_addresses(field.value, max);
        if (auto plain = read_plain_mailbox(line)) {
            addresses.push_back(std::move(*plain));
            continue;
        }
        const auto before = addresses.size();
        const gmime_object<InternetAddressList> list(internet_address_list_parse(gmime_options(), line.c_str()));
        if (list) append_mailboxes(list.get(), max, addresses);
        // "undisclosed-recipients:;" is a list without members, not a name.
        if (addresses.size() > before || line.empty() || line.ends_with(':') || line.ends_with(';')) continue;
        addresses.push_back({.name = decode_text(field.value, max_name), .address = {}});
    }
    return addresses;
}

std::optional<core::timestamp> decode_date(std::string_view value) {
    const auto line = clean_line(value, max_date);
    auto date = read_plain_date(line);
    if (!date) date = decode_odd_date(line);
    constexpr core::timestamp first = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
    constexpr core::timestamp beyond = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);
    if (!date || *date < first || *date >= beyond) return std::nullopt;
    return date;
}

std::vector<std::string> decode_ids(std::string_view value, std::size_t max) {
    std::vector<std::string> ids;
    value = value.substr(0, max_field);
    auto open = value.find('<');
    if (open == std::string_view::npos) {
        auto id = id_without_blanks(value);
        if (!id.empty()) ids.push_back(std::move(id));
        return ids;
    }
    while (open != std::string_view::npos && ids.size() < max) {
        const auto close = value.find_first_of("<>", open + 1);
        auto id = id_without_blanks(value.substr(open + 1, close - open - 1));
        if (!id.empty() && id.size() <= max_line_length) ids.push_back(std::move(id));
        if (close == std::string_view::npos) break;
        open = value.find('<', close);
    }
    return ids;
}

}  // namespace postern::message
