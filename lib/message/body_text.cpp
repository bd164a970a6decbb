#include "message/body_text.hpp"

#include <algorithm>

#include "message/charset.hpp"
#include "message/clean_text.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_meta = 1024;   // HTML 4.2.5.4: the declaration stands within the first 1,024 octets
constexpr std::size_t max_sequence = 4;  // octets of the longest character in UTF-8
constexpr std::size_t max_growth = 3;    // an octet of the single-byte charsets is at most three in UTF-8

/// What <meta charset="..."> or <meta content="...; charset=..."> says.
std::string_view charset_in_html(std::string_view html) {
    constexpr std::string_view key = "charset=";
    html = html.substr(0, max_meta);
    const auto found = html.find(key);
    if (found == std::string_view::npos) return {};
    html.remove_prefix(found + key.size());
    if (html.starts_with('"') || html.starts_with('\'')) html.remove_prefix(1);
    return html.substr(0, html.find_first_of("\"' ;/>"));
}

/// Octets cut off within a character say nothing about the charset: leaves them out.
void drop_partial_character(std::string& octets) {
    for (std::size_t back = 1; back < max_sequence && back <= octets.size(); ++back) {
        const auto octet = static_cast<unsigned char>(octets[octets.size() - back]);
        if (octet < 0x80) return;
        if (octet >= 0xc0) {
            octets.resize(octets.size() - back);
            return;
        }
    }
}

}  // namespace

decoded_text decode_body(octet_window& window, const part& p, std::size_t max) {
    decoded_text result;
    std::string octets;
    auto range = p.body;
    // Nothing decodes to less than a third of its length but line breaks and padding, of which three times as much is let pass.
    const auto readable = static_cast<std::uint64_t>(max) * max_growth * max_growth;
    if (range.end - range.begin > readable) {
        range.end = range.begin + readable;
        result.truncated = true;
    }
    transfer_decoder decoder(range);
    while (octets.size() <= max && decoder.next(window, octets)) {
    }
    if (octets.size() > max) {
        octets.resize(max);
        result.truncated = true;
    }
    auto charset = std::string_view(p.charset);
    if (charset.empty() && p.is("text", "html")) charset = charset_in_html(octets);
    if (result.truncated && (charset.empty() || charset.starts_with("utf-8"))) drop_partial_character(octets);
    result.utf8 = clean_lines(to_utf8(octets, charset));
    if (result.utf8.size() > max) {
        result.utf8.resize(cut_utf8(result.utf8, max).size());
        result.truncated = true;
    }
    return result;
}

}  // namespace postern::message
