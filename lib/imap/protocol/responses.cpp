#include "imap/protocol/responses.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/format.hpp"
#include "core/unicode.hpp"
#include "imap/protocol/parse_cursor.hpp"
#include "imap/protocol/response_words.hpp"

namespace postern::imap {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t longest_quoted = 1'000;

bool can_be_quoted(std::string_view text, bool utf8) {
    if (text.size() > longest_quoted || text.find_first_of("\r\n\0"sv) != std::string_view::npos) return false;
    return core::is_ascii(text) || (utf8 && core::is_utf8(text));
}

/// RFC 9051 section 9, astring; NIL as an atom could be taken for nothing at all.
bool can_be_bare(std::string_view text) {
    if (text.empty() || text.size() > longest_quoted || to_upper(text) == "NIL") return false;
    return std::ranges::all_of(text, [](char c) { return is_atom_char(c) || c == ']'; });
}

void write_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

std::string_view name_of(section_request::form spelled) {
    switch (spelled) {
        case section_request::form::body: return "BODY";
        case section_request::form::binary: return "BINARY";
        case section_request::form::binary_size: return "BINARY.SIZE";
        case section_request::form::rfc822: return "RFC822";
        case section_request::form::rfc822_header: return "RFC822.HEADER";
        case section_request::form::rfc822_text: return "RFC822.TEXT";
    }
    return {};
}

std::string_view name_of(section::piece what) {
    switch (what) {
        case section::piece::whole: return {};
        case section::piece::header: return "HEADER";
        case section::piece::header_fields: return "HEADER.FIELDS";
        case section::piece::header_fields_not: return "HEADER.FIELDS.NOT";
        case section::piece::text: return "TEXT";
        case section::piece::mime: return "MIME";
    }
    return {};
}

void write_section(std::string& out, const section& of) {
    out += '[';
    for (const auto number : of.part) core::append(out, "{}.", number);
    if (of.what == section::piece::whole && !of.part.empty()) out.pop_back();
    out += name_of(of.what);
    if (of.what == section::piece::header_fields || of.what == section::piece::header_fields_not) {
        out += " (";
        for (const auto& field : of.fields) {
            write_astring(out, field);
            out += ' ';
        }
        if (!of.fields.empty()) out.pop_back();
        out += ')';
    }
    out += ']';
}

}  // namespace

void write_astring(std::string& out, std::string_view text, bool utf8) {
    if (can_be_bare(text))
        out += text;
    else
        write_string(out, text, utf8);
}

void write_string(std::string& out, std::string_view text, bool utf8) {
    if (can_be_quoted(text, utf8)) return write_quoted(out, text);
    core::append(out, "{{{}}}\r\n", text.size());
    const auto begin = out.size();
    out += text;
    std::ranges::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\0', ' ');
}

void write_nstring(std::string& out, const std::optional<std::string>& text, bool utf8) {
    if (text)
        write_string(out, *text, utf8);
    else
        out += "NIL";
}

void write_mailbox(std::string& out, std::string_view name, bool utf8) {
    write_astring(out, utf8 ? std::string(name) : to_modified_utf7(name), utf8);
}

void write_flags(std::string& out, const flag_list& flags) {
    out += '(';
    const auto begin = out.size();
    if (flags.seen) out += "\\Seen ";
    if (flags.flagged) out += "\\Flagged ";
    if (flags.answered) out += "\\Answered ";
    if (flags.deleted) out += "\\Deleted ";
    if (flags.draft) out += "\\Draft ";
    for (const auto& keyword : flags.keywords) (out += keyword) += ' ';
    if (out.size() > begin) out.pop_back();
    out += ')';
}

void write_internal_date(std::string& out, core::timestamp at) {
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    core::append(out, "\"{:2}-{}-{:04} {:02}:{:02}:{:02} +0000\"", static_cast<unsigned>(date.day()),
                 months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()), time.hours().count(),
                 time.minutes().count(), time.seconds().count());
}

void write_set(std::string& out, std::span<const std::uint32_t> ascending) {
    for (std::size_t i = 0; i < ascending.size();) {
        const auto first = ascending[i];
        auto last = first;
        for (++i; i < ascending.size() && ascending[i] - last <= 1; ++i) last = ascending[i];
        if (first == last)
            core::append(out, "{},", first);
        else
            core::append(out, "{}:{},", first, last);
    }
    if (!ascending.empty()) out.pop_back();
}

void write_section_name(std::string& out, const section_request& request) {
    out += name_of(request.spelled);
    switch (request.spelled) {
        case section_request::form::body:
        case section_request::form::binary:
        case section_request::form::binary_size: write_section(out, request.of); break;
        default: break;
    }
    // RFC 9051 7.5.2: of a partial its first octet alone is told.
    if (request.partial) core::append(out, "<{}>", request.partial->first);
}

}  // namespace postern::imap
