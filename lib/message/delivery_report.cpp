#include "message/delivery_report.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/unicode.hpp"
#include "message/field_decoder.hpp"
#include "message/gmime_library.hpp"
#include "message/line_lengths.hpp"
#include "message/octet_window.hpp"
#include "message/report_fields.hpp"
#include "message/report_text.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_header = 64UL * 1024;

/// `lf` with CRLF.
std::string with_crlf(std::string_view lf) {
    std::string out;
    out.reserve(lf.size() + 64);
    for (const char c : lf) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

/// RFC 2045 6.7, lines ending in LF.
std::string quoted_printable(std::string_view text) {
    GMimeEncoding encoding;
    g_mime_encoding_init_encode(&encoding, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    std::string out(g_mime_encoding_outlen(&encoding, text.size()), '\0');
    out.resize(g_mime_encoding_flush(&encoding, text.data(), text.size(), out.data()));
    return out;
}

/// The next line of `rest` without its break, taken off.
std::string_view take_line(std::string_view& rest) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// The header of the original up to its empty line, fit for a part of our own: whole lines, none longer than allowed, no octet
/// that only binary transport carries.
std::string original_header(octet_window& window, std::uint64_t begin) {
    std::string octets;
    while (octets.size() < max_header) {
        const auto piece = window.at(begin + octets.size());
        if (piece.empty()) break;
        octets += piece.substr(0, max_header - octets.size());
    }
    std::string_view rest = octets;
    if (octets.size() == max_header) rest = rest.substr(0, rest.rfind('\n') + 1);  // a field cut off says something else
    std::string out;
    while (!rest.empty()) {
        auto line = take_line(rest);
        if (line.empty()) break;
        for (bool folded = false; !line.empty(); folded = true) {
            const auto part = line.substr(0, max_line - 1);
            line.remove_prefix(part.size());
            if (folded) out += ' ';
            std::ranges::replace_copy_if(part, std::back_inserter(out), [](char c) { return c == '\0' || c == '\r'; }, '?');
            out += "\r\n";
        }
    }
    return out;
}

/// Whether the message can stand in a part of ours as it is: RFC 2045 2.8, no NUL, CR and LF only together, lines of up to 998
/// octets.
bool fits_a_part(std::string_view octets) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const char c = octets[i];
        if (c == '\0' || (c == '\n' && (i == 0 || octets[i - 1] != '\r'))) return false;
        if (c == '\r' && (i + 1 == octets.size() || octets[i + 1] != '\n')) return false;
        column = c == '\n' ? 0 : column + 1;
        if (column > max_line + 1) return false;  // its CR counted
    }
    return true;
}

/// The whole original where it may be returned; empty where its header has to do.
std::string whole_original(const delivery_report& report, const core::content& original) {
    const bool failed =
        std::ranges::find(report.recipients, report_action::failed, &reported_recipient::action) != report.recipients.end();
    if (!report.return_full || !failed || original.size() > max_returned_original + report.original_begin) return {};
    auto octets = core::read_all(original).substr(std::min<std::uint64_t>(report.original_begin, original.size()));
    return fits_a_part(octets) ? octets : std::string();
}

original_facts facts_of(octet_window& window, std::uint64_t begin) {
    const auto header = read_header(window, begin, max_header, boundary_stack{}).header;
    original_facts facts;
    facts.subject = decode_text(header.find("Subject"), max_line_length);
    facts.date = readable_line(header.find("Date"), 100);
    auto ids = decode_ids(header.find("Message-ID"), 1);
    const auto sound = [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>'; };
    if (!ids.empty() && ids.front().size() <= 900 && std::ranges::all_of(ids.front(), sound))
        facts.message_id = std::move(ids.front());
    return facts;
}

struct report_part {
    std::string_view type;
    std::string_view description;
    std::string octets;
    std::string_view encoding;  // of the octets; empty: as they are
};

bool is_eight_bit(const report_part& p) { return !core::is_ascii(p.octets); }

report_part text_part(const delivery_report& report, const original_facts& facts) {
    report_part p{"text/plain; charset=utf-8", "Notification", report_text(report, facts), {}};
    // Words for people reach people whatever way the report takes.
    if (is_eight_bit(p)) {
        p.octets = quoted_printable(p.octets);
        p.encoding = "quoted-printable";
    }
    p.octets = with_crlf(p.octets);
    return p;
}

report_part fields_part(const delivery_report& report) {
    return {report.smtputf8 ? "message/global-delivery-status" : "message/delivery-status",
            "Delivery report",
            report_fields(report),
            {}};
}

report_part original_part(const delivery_report& report, const core::content& original, octet_window& window) {
    auto whole = whole_original(report, original);
    if (!whole.empty()) return {report.smtputf8 ? "message/global" : "message/rfc822", "Your message", std::move(whole), {}};
    return {report.smtputf8 ? "message/global-headers" : "text/rfc822-headers",
            "Header of your message",
            original_header(window, report.original_begin),
            {}};
}

void append_part(std::string& out, const report_part& p, std::string_view boundary) {
    out += fmt::format("\r\n--{}\r\nContent-Description: {}\r\nContent-Type: {}\r\n", boundary, p.description, p.type);
    const auto encoding = p.encoding.empty() && is_eight_bit(p) ? "8bit" : p.encoding;
    if (!encoding.empty()) out += fmt::format("Content-Transfer-Encoding: {}\r\n", encoding);
    out += "\r\n";
    out += p.octets;
}

}  // namespace

composed_report compose(const delivery_report& report, const core::content& original) {
    start_gmime();
    octet_window window(original);
    const auto facts = facts_of(window, report.original_begin);
    const report_part parts[] = {text_part(report, facts), fields_part(report), original_part(report, original, window)};

    composed_report result;
    result.eight_bit = std::ranges::any_of(parts, is_eight_bit);
    result.smtputf8 = !core::is_ascii(report.sender);
    auto& out = result.octets;
    out = "MIME-Version: 1.0\r\n";
    append_field(out, "Date", core::to_rfc5322(report.now), false);
    append_field(out, "From", fmt::format("Mail Delivery System <postmaster@{}>", report.hostname), false);
    append_field(out, "To", fmt::format("<{}>", report.sender), true);
    append_field(out, "Subject", report_subject(report), false);
    append_field(out, "Message-ID", fmt::format("<{}@{}>", report.unique, report.hostname), false);
    if (!facts.message_id.empty()) {
        append_field(out, "In-Reply-To", fmt::format("<{}>", facts.message_id), false);
        append_field(out, "References", fmt::format("<{}>", facts.message_id), false);
    }
    append_field(out, "Auto-Submitted", "auto-replied", false);  // RFC 3834 3.1.7, 5: nobody's vacation message answers it
    const auto boundary = "=_" + report.unique;
    out += fmt::format("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{}\"\r\n", boundary);
    if (result.eight_bit) out += "Content-Transfer-Encoding: 8bit\r\n";
    out += "\r\nThis is a report about a message you sent, in MIME format.\r\n";
    for (const auto& p : parts) append_part(out, p, boundary);
    out += fmt::format("\r\n--{}--\r\n", boundary);
    return result;
}

}  // namespace postern::message
