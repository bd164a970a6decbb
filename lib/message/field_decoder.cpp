#include "message/field_decoder.hpp"

#include <algorithm>
#include <chrono>

#include "core/unicode.hpp"
#include "message/charset.hpp"
#include "message/clean_text.hpp"
#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_value = 64UL * 1024;  // octets of a field that are read, and no more than these for each:
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
    const auto limit = std::clamp(max * octets_per_address, min_value, max_value);
    if (value.size() <= limit) return value;
    return value.substr(0, value.substr(0, limit).rfind(','));
}

/// An address list as GMime may be given it. GMime takes each colon for the start of a group and calls itself for it, so that
/// "a:a:a:..." in To would overflow the stack of whoever reads it: of more colons than a person writes the rest become blanks.
std::string readable_addresses(std::string_view value, std::size_t max) {
    auto line = with_known_charsets_in_words(readable_line(whole_addresses(value, max), max_value));
    std::size_t colons = 0;
    for (char& c : line) {
        if (c == ':' && ++colons > max_colons) c = ' ';
    }
    return line;
}

std::string id_without_blanks(std::string_view text) {
    auto id = readable_line(text, max_line_length);
    std::erase(id, ' ');
    return id;
}

}  // namespace

std::string readable_line(std::string_view value, std::size_t max) {
    // An escape announces Japanese in ISO 2022, as it stood in headers before RFC 2047.
    const bool plain = core::is_ascii(value) && !value.contains('\x1b');
    return plain ? clean_line(value, max) : clean_line(to_utf8(value, {}), max);
}

std::string decode_text(std::string_view value, std::size_t max) {
    value = value.substr(0, std::clamp(max * octets_per_octet, min_value, max_value));
    if (value.find("=?") == std::string_view::npos) return readable_line(value, max);
    const auto line = with_known_charsets_in_words(readable_line(value, max_value));
    const gmime_string decoded(g_mime_utils_header_decode_text(gmime_options(), line.c_str()));
    return clean_line(decoded.get(), max);
}

std::vector<mailbox_address> decode_addresses(const header_block& header, std::string_view name, std::size_t max) {
    std::vector<mailbox_address> addresses;
    for (const auto& field : header.fields()) {
        if (addresses.size() >= max) break;
        if (!same_name(field.name, name)) continue;
        const auto line = readable_addresses(field.value, max);
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
    const std::unique_ptr<GDateTime, date_deleter> date(g_mime_utils_header_decode_date(line.c_str()));
    if (!date) return std::nullopt;
    const std::chrono::sys_seconds seconds{std::chrono::seconds(g_date_time_to_unix(date.get()))};
    constexpr std::chrono::sys_seconds first = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
    constexpr std::chrono::sys_seconds beyond = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);
    if (seconds < first || seconds >= beyond) return std::nullopt;
    return core::timestamp(seconds);
}

std::vector<std::string> decode_ids(std::string_view value, std::size_t max) {
    std::vector<std::string> ids;
    value = value.substr(0, max_value);
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
