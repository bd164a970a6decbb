#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "imap/protocol/command_arguments.hpp"

namespace postern::imap {

namespace {

constexpr std::size_t most_sections = 250;  // each may be answered with the whole message
constexpr std::size_t deepest_part = 50;

using form = section_request::form;
using piece = section::piece;

constexpr std::array<std::pair<std::string_view, bool fetch_command::*>, 7> simple_items{{
    {"FLAGS", &fetch_command::flags},
    {"UID", &fetch_command::uid},
    {"INTERNALDATE", &fetch_command::internal_date},
    {"RFC822.SIZE", &fetch_command::size},
    {"ENVELOPE", &fetch_command::envelope},
    {"BODYSTRUCTURE", &fetch_command::body_structure},
    {"MODSEQ", &fetch_command::modseq},
}};

struct octet_item {
    std::string_view name;
    form spelled;
    bool peek;
    bool bracketed;
};
constexpr std::array<octet_item, 8> octet_items{{
    {"BODY", form::body, false, true},
    {"BODY.PEEK", form::body, true, true},
    {"BINARY", form::binary, false, true},
    {"BINARY.PEEK", form::binary, true, true},
    {"BINARY.SIZE", form::binary_size, true, true},
    {"RFC822", form::rfc822, false, false},
    {"RFC822.HEADER", form::rfc822_header, true, false},
    {"RFC822.TEXT", form::rfc822_text, false, false},
}};

/// "HEADER.FIELDS (From To)" and the others.
bool read_piece(parse_cursor& in, section& of) {
    const auto name = in.keyword();
    if (name == "HEADER")
        of.what = piece::header;
    else if (name == "HEADER.FIELDS")
        of.what = piece::header_fields;
    else if (name == "HEADER.FIELDS.NOT")
        of.what = piece::header_fields_not;
    else if (name == "TEXT")
        of.what = piece::text;
    else if (name == "MIME" && !of.part.empty())
        of.what = piece::mime;  // RFC 9051 6.4.5.1: of a part only
    else
        return in.fail("this section is not known"), false;
    if (of.what != piece::header_fields && of.what != piece::header_fields_not) return true;
    const auto field = [&] {
        auto taken = in.astring();
        if (taken) of.fields.push_back(std::move(*taken));
        return taken.has_value();
    };
    return in.space() && in.list(field, false);
}

/// From "[" to "]".
bool read_section(parse_cursor& in, section& of, bool parts_only) {
    if (!in.expect('[', "a section was expected")) return false;
    if (in.take(']')) return true;
    while (in.next_is_digit()) {
        const auto number = in.nz_number();
        if (!number) return false;
        if (of.part.size() == deepest_part) return in.fail("a section's part lies too deep"), false;
        of.part.push_back(*number);
        if (in.take(']')) return true;
        if (!in.expect('.', "a section is not well-formed")) return false;
    }
    if (parts_only) return in.fail("a part's number was expected"), false;
    return read_piece(in, of) && in.expect(']', "the end of a section was expected");
}

/// "<0.2048>"
bool read_partial(parse_cursor& in, section_request& request) {
    if (!in.take('<')) return true;
    const auto first = in.number();
    if (!first || !in.expect('.', "a partial is not well-formed")) return false;
    const auto count = in.number();
    if (!count) return false;
    if (*count == 0) return in.fail("a partial of nothing"), false;  // RFC 9051 section 9: nz-number64
    request.partial.emplace(*first, *count);
    return in.expect('>', "a partial is not well-formed");
}

bool read_octets(parse_cursor& in, fetch_command& fetch, const octet_item& item) {
    section_request request{.spelled = item.spelled, .peek = item.peek};
    if (item.bracketed) {
        const bool binary = item.spelled == form::binary || item.spelled == form::binary_size;
        if (!read_section(in, request.of, binary)) return false;
        if (item.spelled != form::binary_size && !read_partial(in, request)) return false;
    } else if (item.spelled == form::rfc822_header) {
        request.of.what = piece::header;
    } else if (item.spelled == form::rfc822_text) {
        request.of.what = piece::text;
    }
    if (std::ranges::find(fetch.sections, request) != fetch.sections.end()) return true;
    if (fetch.sections.size() == most_sections) return in.fail("there are too many sections"), false;
    fetch.sections.push_back(std::move(request));
    return true;
}

bool read_item(parse_cursor& in, fetch_command& fetch, std::string_view name) {
    if (name == "BODY" && !in.next_is('[')) return fetch.body = true;
    for (const auto& [known, member] : simple_items) {
        if (name == known) return fetch.*member = true;
    }
    for (const auto& item : octet_items) {
        if (name == item.name) return read_octets(in, fetch, item);
    }
    return in.fail("this FETCH item is not known"), false;
}

bool read_items(parse_cursor& in, fetch_command& fetch) {
    if (in.next_is('(')) return in.list([&] { return read_item(in, fetch, in.keyword()); }, false);
    const auto name = in.keyword();
    // RFC 9051 6.4.5: macros stand by themselves, never in a list.
    if (name != "ALL" && name != "FAST" && name != "FULL") return read_item(in, fetch, name);
    fetch.flags = fetch.internal_date = fetch.size = true;
    fetch.envelope = name != "FAST";
    fetch.body = name == "FULL";
    return true;
}

/// RFC 7162 3.1.4.1: "(CHANGEDSINCE 12)".
bool fetch_modifier(parse_cursor& in, fetch_command& fetch) {
    if (in.keyword() != "CHANGEDSINCE" || fetch.changed_since) return in.fail("this FETCH modifier is not known"), false;
    if (in.space()) fetch.changed_since = in.number();
    return fetch.modseq = fetch.changed_since.has_value();  // the same section: MODSEQ is implied
}

}  // namespace

std::optional<command> parse_fetch(parse_cursor& in, bool by_uid) {
    fetch_command fetch;
    fetch.by_uid = by_uid;
    if (!in.space()) return std::nullopt;
    auto messages = in.set();
    if (!messages || !in.space()) return std::nullopt;
    fetch.messages = std::move(*messages);
    if (!read_items(in, fetch)) return std::nullopt;
    if (in.take(' ') && !in.list([&] { return fetch_modifier(in, fetch); }, false)) return std::nullopt;
    return fetch;
}

}  // namespace postern::imap
