#include "message/charset.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "core/unicode.hpp"
#include "message/ascii.hpp"
#include "message/clean_text.hpp"
#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

struct known_charset {
    std::string_view label;  ///< lower case, as in messages
    const char* name;        ///< the C library's; a superset where senders are known to mean one, as browsers do
};

// Sorted. A list, and not whatever the C library knows: its rare converters have had memory errors that the sender of a message
// could reach by naming them (CVE-2024-2961 in ISO-2022-CN-EXT, CVE-2021-3326 in ISO-2022-JP-3).
constexpr auto charsets = std::to_array<known_charset>({
    {"ansi_x3.4-1968", "UTF-8"},
    {"ascii", "UTF-8"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cp1250", "CP1250"},
    {"cp1251", "CP1251"},
    {"cp1252", "CP1252"},
    {"cp1253", "CP1253"},
    {"cp1254", "CP1254"},
    {"cp1255", "CP1255"},
    {"cp1256", "CP1256"},
    {"cp1257", "CP1257"},
    {"cp1258", "CP1258"},
    {"cp437", "CP437"},
    {"cp850", "CP850"},
    {"cp852", "CP852"},
    {"cp866", "CP866"},
    {"cp932", "CP932"},
    {"cp936", "GB18030"},
    {"cp949", "CP949"},
    {"cp950", "BIG5-HKSCS"},
    {"csiso2022jp", "ISO-2022-JP"},
    {"euc-cn", "GB18030"},
    {"euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"euc-tw", "EUC-TW"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"ibm437", "CP437"},
    {"ibm850", "CP850"},
    {"ibm852", "CP852"},
    {"ibm866", "CP866"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"iso-8859-1", "CP1252"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "CP874"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"iso8859-1", "CP1252"},
    {"iso8859-15", "ISO-8859-15"},
    {"iso8859-2", "ISO-8859-2"},
    {"iso_8859-1", "CP1252"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ks_c_5601-1987", "CP949"},
    {"ksc5601", "CP949"},
    {"latin1", "CP1252"},
    {"macintosh", "MACINTOSH"},
    {"ms_kanji", "CP932"},
    {"shift-jis", "CP932"},
    {"shift_jis", "CP932"},
    {"sjis", "CP932"},
    {"tis-620", "CP874"},
    {"us-ascii", "UTF-8"},
    {"utf-16", "UTF-16"},
    {"utf-16be", "UTF-16BE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-32", "UTF-32"},
    {"utf-7", "UTF-7"},
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"viscii", "VISCII"},
    {"windows-1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"windows-1252", "CP1252"},
    {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"windows-31j", "CP932"},
    {"windows-874", "CP874"},
    {"windows-936", "GB18030"},
    {"windows-949", "CP949"},
    {"x-mac-roman", "MACINTOSH"},
    {"x-sjis", "CP932"},
});
static_assert(std::ranges::is_sorted(charsets, {}, &known_charset::label));

constexpr std::size_t max_label = 40;

/// The C library's name for a charset, nullptr when we do not know it.
const char* converter_name(std::string_view label) {
    if (label.empty() || label.size() > max_label) return nullptr;
    std::array<char, max_label> folded{};
    std::ranges::transform(label, folded.begin(), lower);
    const std::string_view wanted(folded.data(), label.size());
    const auto* found = std::ranges::lower_bound(charsets, wanted, {}, &known_charset::label);
    if (found == charsets.end() || found->label != wanted) return nullptr;
    return found->name;
}

std::string from_windows_1252(std::string_view octets) {
    // 0x80 to 0x9f; the five octets that mean nothing are taken for the control characters they are in ISO 8859-1.
    static constexpr std::array<char32_t, 32> high = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                                      0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                                      0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                      0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};
    std::string utf8;
    utf8.reserve(octets.size() + octets.size() / 8);
    for (const char octet : octets) {
        const auto value = static_cast<unsigned char>(octet);
        if (value < 0x80) {
            utf8 += octet;
        } else {
            append_utf8(utf8, value < 0xa0 ? high[value - 0x80U] : char32_t{value});
        }
    }
    return utf8;
}

/// UTF-8 with U+FFFD for what is not, and whether more of it was than was not.
struct repaired {
    std::string utf8;
    bool plausible = true;
};

repaired repair_utf8(std::string_view octets) {
    repaired result;
    result.utf8.reserve(octets.size() + 16);
    std::size_t good = 0;
    std::size_t bad = 0;
    while (!octets.empty()) {
        const auto before = octets;
        const char32_t c = take_character(octets);
        if (c >= 0x80) {
            const auto taken = before.substr(0, before.size() - octets.size());
            ++(core::is_utf8(taken) ? good : bad);
        }
        append_utf8(result.utf8, c);
    }
    result.plausible = good >= bad;
    return result;
}

std::string convert(std::string_view octets, const char* charset) {
    const auto converter = g_mime_iconv_open("UTF-8", charset);
    if (reinterpret_cast<std::intptr_t>(converter) == -1) return repair_utf8(octets).utf8;
    std::string utf8;
    std::array<char, 4096> piece{};
    auto* in = const_cast<char*>(octets.data());  // iconv's interface; it does not write there
    std::size_t left = octets.size();
    while (left > 0) {
        char* out = piece.data();
        std::size_t room = piece.size();
        const auto outcome = iconv(converter, &in, &left, &out, &room);
        const int reason = errno;
        utf8.append(piece.data(), static_cast<std::size_t>(out - piece.data()));
        if (outcome != static_cast<std::size_t>(-1) || reason == E2BIG) continue;
        if (reason == EINVAL) break;  // the text ends within a character
        append_utf8(utf8, 0xfffd);
        ++in;
        --left;
    }
    g_mime_iconv_close(converter);
    return utf8;
}

/// Text that declares nothing worth believing.
std::string guess(std::string_view octets) {
    // Japanese mail of old: seven-bit ISO 2022, not declared in the header.
    if (octets.find("\x1b$") != std::string_view::npos) return convert(octets, "ISO-2022-JP");
    if (core::is_utf8(octets)) return std::string(octets);
    auto repaired = repair_utf8(octets);
    return repaired.plausible ? std::move(repaired.utf8) : from_windows_1252(octets);
}

/// RFC 2781 4.3: without a byte order mark UTF-16 is big-endian; the C library would take the machine's own order.
const char* utf16_name(std::string_view octets) {
    return octets.starts_with("\xff\xfe") || octets.starts_with("\xfe\xff") ? "UTF-16" : "UTF-16BE";
}

bool is_label_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' ||
           c == ':';
}

/// The charset label at the start of `text`; empty when there is none worth replacing.
std::string_view leading_label(std::string_view text) {
    return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_label_character) - text.begin()));
}

/// Whether `text`, which follows a charset label, makes an encoded word of it: ["*" language] "?" ("B" or "Q") "?" (RFC 2047 2,
/// RFC 2231 5).
bool continues_encoded_word(std::string_view text) {
    if (text.starts_with('*')) text.remove_prefix(1 + leading_label(text.substr(1)).size());
    return text.size() >= 3 && text[0] == '?' && text[2] == '?' && std::string_view("BbQq").contains(text[1]);
}

/// Whether `before`, which ends where "*=" stands, is a parameter's name or its first section: only there a charset follows
/// (RFC 2231 4.1).
bool begins_extended_parameter(std::string_view before) {
    const auto star = before.find_last_not_of("0123456789");
    if (star == std::string_view::npos || star + 1 == before.size()) return true;
    return before[star] != '*' || before.substr(star + 1) == "0";
}

/// `value` with the charset labels after each `mark` replaced where `is_label(text before the mark, text after the label)`.
template <class Predicate>
std::string replace_labels(std::string_view value, std::string_view mark, Predicate is_label) {
    std::string safe;
    safe.reserve(value.size() + 16);
    std::size_t done = 0;
    for (auto at = value.find(mark); at != std::string_view::npos; at = value.find(mark, at + mark.size())) {
        const auto begin = at + mark.size();
        const auto label = leading_label(value.substr(begin));
        if (label.empty() || !is_label(value.substr(0, at), value.substr(begin + label.size()))) continue;
        safe += value.substr(done, begin - done);
        const char* name = converter_name(label);
        safe += name == nullptr ? "unknown-8bit" : name;
        done = begin + label.size();
    }
    safe += value.substr(done);
    return safe;
}

}  // namespace

std::string to_utf8(std::string_view octets, std::string_view charset) {
    const char* converter = converter_name(charset);
    const std::string_view name = converter == nullptr ? "UTF-8" : converter;
    std::string utf8;
    if (name == "UTF-8") {
        utf8 = guess(octets);
    } else if (name == "CP1252") {
        // Text that reads as UTF-8 all through is UTF-8, though many a program calls it ISO 8859-1.
        utf8 = core::is_utf8(octets) ? std::string(octets) : from_windows_1252(octets);
    } else if (name == "UTF-16") {
        utf8 = convert(octets, utf16_name(octets));
    } else {
        utf8 = convert(octets, converter);
    }
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (utf8.starts_with(byte_order_mark)) utf8.erase(0, byte_order_mark.size());
    return utf8;
}

std::string with_known_charsets_in_words(std::string_view value) {
    // What follows the last end of a word is no word, however it begins.
    const auto words_end = value.rfind("?=");
    if (words_end == std::string_view::npos) return std::string(value);
    auto safe = replace_labels(value.substr(0, words_end), "=?",
                               [](std::string_view, std::string_view after) { return continues_encoded_word(after); });
    safe += value.substr(words_end);
    return safe;
}

std::string with_known_charsets_in_parameters(std::string_view value) {
    return replace_labels(value, "*=", [](std::string_view before, std::string_view after) {
        return after.starts_with('\'') && begins_extended_parameter(before);
    });
}

}  // namespace postern::message
