#include "imap/fetch_items.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "imap/protocol/responses.hpp"
#include "message/boundary_stack.hpp"
#include "message/decoded_content.hpp"
#include "message/header_block.hpp"
#include "message/mime_tree.hpp"
#include "message/octet_window.hpp"

namespace postern::imap {

namespace {

using form = section_request::form;
using piece_of = section::piece;
using content_ptr = std::shared_ptr<const core::content>;

struct stretch {
    content_ptr octets;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

stretch all_of(std::string text) {
    const auto size = text.size();
    return {std::make_shared<core::memory_content>(std::move(text)), 0, size};
}

/// Collects pieces: text goes to the last one until that has octets.
class piece_list {
public:
    std::string& text() {
        if (pieces_.empty() || pieces_.back().octets) pieces_.emplace_back();
        return pieces_.back().text;
    }

    /// Begins an item.
    std::string& item() {
        auto& out = text();
        if (!std::exchange(first_, false)) out += ' ';
        return out;
    }

    void add(stretch s) {
        text();
        auto& last = pieces_.back();
        last.octets = std::move(s.octets);
        last.begin = s.begin;
        last.end = s.end;
    }

    std::vector<fetch_piece> take() { return std::move(pieces_); }

private:
    std::vector<fetch_piece> pieces_;
    bool first_ = true;
};

/// Whose header and text a part number means (RFC 9051 6.4.5.1): the message's own, or of a part that is a message those of the
/// message within.
const message::mime_node* header_owner(const message::mime_node& root, const section& s) {
    if (s.part.empty()) return &root;
    const auto* node = message::find_part(root, s.part);
    return node && node->is_message() && !node->children.empty() ? &node->children.front() : nullptr;
}

std::optional<stretch> find_header(const content_ptr& m, const message::mime_node& root, const section& s) {
    const auto* owner = header_owner(root, s);
    if (!owner) return std::nullopt;
    if (s.what == piece_of::header) return stretch{m, owner->header_begin, owner->body_begin};
    return all_of(
        message::select_fields(*m, {owner->header_begin, owner->body_begin}, s.fields, s.what == piece_of::header_fields_not));
}

std::optional<stretch> find_section(const content_ptr& m, const message::mime_node& root, const section& s) {
    switch (s.what) {
        case piece_of::header:
        case piece_of::header_fields:
        case piece_of::header_fields_not: return find_header(m, root, s);
        case piece_of::text:
            if (const auto* owner = header_owner(root, s)) return stretch{m, owner->body_begin, owner->body_end};
            return std::nullopt;
        case piece_of::mime:
            if (const auto* node = message::find_part(root, s.part)) return stretch{m, node->header_begin, node->body_begin};
            return std::nullopt;
        case piece_of::whole: break;
    }
    if (s.part.empty()) return stretch{m, 0, m->size()};
    const auto* node = message::find_part(root, s.part);
    if (!node) return std::nullopt;
    return stretch{m, node->body_begin, node->body_end};
}

/// A part without its transfer encoding; what has parts of its own has none (RFC 2045 6.4).
std::optional<stretch> find_decoded(const content_ptr& m, const message::mime_node& root, const section& s) {
    const auto* node = s.part.empty() ? nullptr : message::find_part(root, s.part);
    if (!node || node->is_multipart() || node->is_message()) return find_section(m, root, s);
    const message::encoded_range range{node->body_begin, node->body_end, message::read_transfer_encoding(node->encoding)};
    message::octet_window window(*m);
    const auto size = message::decoded_size(window, range);
    return stretch{std::make_shared<message::decoded_content>(m, range, size), 0, size};
}

void cut(stretch& s, const section_request& request) {
    if (!request.partial) return;
    const auto size = s.end - s.begin;
    const auto skipped = std::min(size, request.partial->first);
    s.begin += skipped;
    s.end = s.begin + std::min(size - skipped, request.partial->second);
}

/// RFC822.HEADER and RFC822.TEXT are other names for sections (RFC 3501 6.4.5).
section section_of(const section_request& request) {
    auto s = request.of;
    if (request.spelled == form::rfc822_header) s.what = piece_of::header;
    if (request.spelled == form::rfc822_text) s.what = piece_of::text;
    return s;
}

bool is_decoded(const section_request& request) {
    return request.spelled == form::binary || request.spelled == form::binary_size;
}

void add_section(piece_list& out, const section_request& request, const content_ptr& m, const message::mime_node& root) {
    const auto s = section_of(request);
    auto found = is_decoded(request) ? find_decoded(m, root, s) : find_section(m, root, s);
    write_section_name(out.item(), request);
    if (request.spelled == form::binary_size) {
        out.text() += fmt::format(" {}", found ? found->end - found->begin : 0);
        return;
    }
    if (!found) {
        out.text() += " NIL";
        return;
    }
    cut(*found, request);
    // Decoded octets may hold NUL, which only a literal8 can (RFC 3516 4.2).
    out.text() += fmt::format(" {}{{{}}}\r\n", request.spelled == form::binary ? "~" : "", found->end - found->begin);
    out.add(std::move(*found));
}

/// Whether parts are asked for; who asks for header fields alone, as lists do, does not pay for a walk through all of a
/// message.
bool needs_tree(const fetch_command& wanted) {
    return wanted.body || wanted.body_structure ||
           std::ranges::any_of(wanted.sections, [](const section_request& r) { return !r.of.part.empty(); });
}

/// The message as one part.
message::mime_node read_outline(const core::content& octets) {
    message::octet_window window(octets);
    message::mime_node root;
    root.body_begin = message::read_header(window, 0, 0, {}).body_begin;
    root.body_end = octets.size();
    return root;
}

}  // namespace

bool needs_content(const fetch_command& wanted) {
    return wanted.envelope || wanted.body || wanted.body_structure || !wanted.sections.empty();
}

bool sets_seen(const fetch_command& wanted) {
    return std::ranges::any_of(wanted.sections, [](const section_request& r) { return !r.peek; });
}

std::vector<fetch_piece> make_fetch_items(const fetch_command& wanted, const content_ptr& message) {
    const auto root = needs_tree(wanted) ? message::read_tree(*message) : read_outline(*message);
    piece_list out;
    if (wanted.envelope) {
        message::octet_window window(*message);
        out.item() += "ENVELOPE ";
        write_envelope(out.text(), message::read_envelope(message::read_header(window, 0, 256UL * 1024, {}).header));
    }
    if (wanted.body) {
        out.item() += "BODY ";
        write_body_structure(out.text(), root, false);
    }
    if (wanted.body_structure) {
        out.item() += "BODYSTRUCTURE ";
        write_body_structure(out.text(), root, true);
    }
    for (const auto& request : wanted.sections) add_section(out, request, message, root);
    return out.take();
}

}  // namespace postern::imap
