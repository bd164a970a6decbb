#include "message/report_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/unicode.hpp"
#include "message/clean_text.hpp"
#include "message/line_lengths.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_reported = 4000;

constexpr std::array<std::string_view, 5> action_names{"failed", "delayed", "relayed", "expanded", "delivered"};

std::string ascii_only(std::string_view text) {
    std::string out(text);
    std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return out;
}

/// RFC 6533 section 3, utf-8-addr-xtext: characters outside ASCII as \x{...}, for a 7-bit field.
std::string escape_unicode(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        const auto c = take_character(utf8);
        out += c < 0x80 ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(c));
    }
    return out;
}

/// The character that "\x{...}" at the start of `text` stands for, taken off; nullopt when it is none.
std::optional<char32_t> take_escape(std::string_view& text) {
    const auto end = text.find('}');
    if (!text.starts_with("\\x{") || end == std::string_view::npos) return std::nullopt;
    std::uint32_t character = 0;
    const auto digits = text.substr(3, end - 3);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), character, 16);
    const bool sound = read.ec == std::errc{} && read.ptr == digits.data() + digits.size() && digits.size() <= 6 &&
                       character >= 0x20 && character <= 0x10ffff && (character < 0xd800 || character > 0xdfff);
    if (!sound) return std::nullopt;
    text.remove_prefix(end + 1);
    return character;
}

/// RFC 6533 section 3: in a UTF-8 field an address stands as it is, its escapes taken out.
std::string unescape_unicode(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (const auto c = take_escape(text)) {
            append_utf8(out, *c);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

/// A field whose value has to come back octet for octet where that is harmless: not folded, blanks kept.
void append_exactly(std::string& out, std::string_view name, std::string_view value, bool utf8) {
    auto line = utf8 ? core::to_valid_utf8(value) : ascii_only(value);
    std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    out += fmt::format("{}: {}\r\n", name, cut_utf8(line, longest_word));
}

std::string final_recipient(const reported_recipient& r, bool utf8) {
    if (core::is_ascii(r.address)) return "rfc822;" + r.address;
    return "utf-8;" + (utf8 ? r.address : escape_unicode(r.address));
}

std::string original_recipient(std::string_view orcpt, bool utf8) {
    const auto semicolon = orcpt.find(';');
    if (semicolon == std::string_view::npos) return fmt::format("unknown;{}", escape_unicode(orcpt));
    const auto type = orcpt.substr(0, semicolon);
    const auto address = orcpt.substr(semicolon + 1);
    const bool unicode = std::ranges::equal(type, std::string_view("utf-8"), {}, [](char c) { return c | 0x20; });
    // RFC 6533 section 3: only what is labelled as its type has escapes.
    const auto shown = utf8 ? (unicode ? unescape_unicode(address) : std::string(address)) : escape_unicode(address);
    return fmt::format("{};{}", type, shown);
}

/// RFC 3464 2.3.6: the remote's reply, or, where there is no Remote-MTA, our own word.
void append_diagnostic(std::string& out, const reported_recipient& r, bool utf8) {
    if (!r.reply.empty()) {
        append_field(out, "Remote-MTA", "dns; " + r.remote_host, utf8);
        append_field(out, "Diagnostic-Code", "smtp; " + r.reply, utf8);
    } else if (!r.reason.empty()) {
        append_field(out, "Diagnostic-Code", "x-postern; " + r.reason, utf8);
    }
}

void append_recipient(std::string& out, const reported_recipient& r, bool utf8) {
    out += "\r\n";
    if (r.original) append_exactly(out, "Original-Recipient", original_recipient(*r.original, utf8), utf8);
    append_exactly(out, "Final-Recipient", final_recipient(r, utf8), utf8);
    append_field(out, "Action", action_names.at(static_cast<std::size_t>(r.action)), utf8);
    append_field(out, "Status", r.status, utf8);
    append_diagnostic(out, r, utf8);
    if (r.last_attempt) append_field(out, "Last-Attempt-Date", core::to_rfc5322(*r.last_attempt), utf8);
    // RFC 3464 2.3.9: of a delay only.
    if (r.retry_until && r.action == report_action::delayed)
        append_field(out, "Will-Retry-Until", core::to_rfc5322(*r.retry_until), utf8);
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value, bool utf8) {
    const auto clean = clean_line(utf8 ? core::to_valid_utf8(value) : ascii_only(value), max_reported);
    out += name;
    out += ':';
    auto used = name.size() + 1;
    for (std::string_view rest = clean; !rest.empty();) {
        auto word = rest.substr(0, rest.find(' '));
        if (word.size() > longest_word) word = cut_utf8(word, longest_word);
        rest.remove_prefix(word.size());
        if (rest.starts_with(' ')) rest.remove_prefix(1);
        if (word.empty()) continue;
        // The first word stays beside the name: a line of blanks alone would end the header for many readers.
        const bool first = used == name.size() + 1;
        if ((!first && used + 1 + word.size() > columns) || used + 1 + word.size() > 998) {
            out += "\r\n";
            used = 0;
        }
        out += ' ';
        out += word;
        used += 1 + word.size();
    }
    out += "\r\n";
}

std::string report_fields(const delivery_report& report) {
    std::string out;
    // RFC 3461 6.3: given back exactly when it was given.
    if (report.envelope_id) append_exactly(out, "Original-Envelope-Id", *report.envelope_id, report.smtputf8);
    append_field(out, "Reporting-MTA", "dns; " + report.hostname, report.smtputf8);
    append_field(out, "Arrival-Date", core::to_rfc5322(report.arrived), report.smtputf8);
    for (const auto& r : report.recipients) append_recipient(out, r, report.smtputf8);
    return out;
}

}  // namespace postern::message
