#include "message/summary.hpp"

#include "message/body_selection.hpp"
#include "message/field_decoder.hpp"
#include "message/gmime_library.hpp"
#include "message/preview.hpp"
#include "message/structure.hpp"

namespace postern::message {

namespace {

constexpr std::size_t summary_addresses = 100;
constexpr std::size_t summary_ids = 100;
constexpr std::uint64_t max_scan = 16UL * 1024 * 1024;  // octets in which attachments are looked for

std::string first_of(std::vector<std::string> ids) { return ids.empty() ? std::string{} : std::move(ids.front()); }

void summarise_fields(const header_block& header, summary& s) {
    if (auto from = decode_addresses(header, "From", 1); !from.empty()) s.from = std::move(from.front());
    s.to = decode_addresses(header, "To", summary_addresses);
    s.subject = decode_text(header.find("Subject"), max_line_length);
    s.date = decode_date(header.find("Date"));
    s.message_id = first_of(decode_ids(header.find("Message-ID"), 1));
    s.in_reply_to = first_of(decode_ids(header.find("In-Reply-To"), 1));
    s.references = decode_ids(header.find("References"), summary_ids);
}

/// Walks until an attachment has been seen and a body passed; most often that is long before the attachment's end.
/// Returns how many parts are known with their ends.
std::size_t walk_far_enough(structure& message) {
    body_selector selector;
    std::size_t judged = 0;
    bool sent_along = false;
    std::size_t body = part::no_parent;
    while (message.next()) {
        const auto& parts = message.parts();
        for (; judged < parts.size(); ++judged) {
            const auto role = selector.role_of(parts, judged);
            sent_along = sent_along || is_sent_along(parts, judged, role);
            if (body == part::no_parent && (role == part_role::text || role == part_role::html)) body = judged;
        }
        if (sent_along && body != part::no_parent && body + 1 < parts.size()) return parts.size() - 1;
    }
    return message.parts().size();
}

void summarise_parts(octet_window& window, structure& message, summary& s) {
    const auto ended = walk_far_enough(message);
    const auto& parts = message.parts();
    const auto roles = select_bodies(parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        s.has_attachments = s.has_attachments || is_sent_along(parts, i, roles[i]);
        const bool is_body = roles[i] == part_role::text || roles[i] == part_role::html;
        if (is_body && i < ended && s.preview.empty()) s.preview = preview_of(window, parts[i]);
    }
}

}  // namespace

summary summarize(const core::content& octets) {
    start_gmime();
    octet_window window(octets);
    structure message(window, max_scan);
    summary s;
    summarise_fields(message.header(), s);
    summarise_parts(window, message, s);
    return s;
}

}  // namespace postern::message
