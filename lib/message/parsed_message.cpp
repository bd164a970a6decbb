#include "message/parsed_message.hpp"

#include "message/attachment_description.hpp"
#include "message/body_text.hpp"
#include "message/clean_text.hpp"
#include "message/field_decoder.hpp"
#include "message/flowed_text.hpp"
#include "message/gmime_library.hpp"
#include "message/structure.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_addresses = 1000;
constexpr std::size_t max_ids = 100;
constexpr std::size_t max_header_value = 16UL * 1024;
constexpr std::size_t max_body = 2UL * 1024 * 1024;

void read_fields(const header_block& header, parsed_message& m) {
    m.from = decode_addresses(header, "From", max_addresses);
    m.to = decode_addresses(header, "To", max_addresses);
    m.cc = decode_addresses(header, "Cc", max_addresses);
    m.bcc = decode_addresses(header, "Bcc", max_addresses);
    m.reply_to = decode_addresses(header, "Reply-To", max_addresses);
    m.subject = decode_text(header.find("Subject"), max_line_length);
    m.date = decode_date(header.find("Date"));
    if (auto ids = decode_ids(header.find("Message-ID"), 1); !ids.empty()) m.message_id = std::move(ids.front());
    m.in_reply_to = decode_ids(header.find("In-Reply-To"), max_ids);
    m.references = decode_ids(header.find("References"), max_ids);
    m.headers.reserve(header.fields().size());
    for (const auto& field : header.fields()) {
        m.headers.push_back(
            {.name = clean_line(field.name, max_line_length), .value = decode_text(field.value, max_header_value)});
    }
}

/// Adds a text part to what of its kind came before: parts of one message are read one after the other.
void append_body(octet_window& window, const part& p, std::optional<body>& whole) {
    if (!whole) whole.emplace();
    auto& text = whole->text;
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    auto decoded = decode_body(window, p, max_body - std::min(max_body, text.size()));
    whole->truncated = whole->truncated || decoded.truncated;
    text += p.flowed && p.is("text", "plain") ? unwrap_flowed(decoded.utf8, p.delete_space) : decoded.utf8;
    if (text.size() <= max_body) return;
    text.resize(cut_utf8(text, max_body).size());
    whole->truncated = true;
}

void read_parts(octet_window& window, const std::vector<part>& parts, parsed_message& m) {
    const auto roles = select_bodies(parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (roles[i] == part_role::text) append_body(window, parts[i], m.text);
        if (roles[i] == part_role::html) append_body(window, parts[i], m.html);
        if (is_attachment(roles[i])) {
            m.attachments.push_back(describe_attachment(window, parts[i], roles[i], m.attachments.size() + 1));
        }
    }
}

}  // namespace

parsed_message parse(const core::content& octets) {
    start_gmime();
    octet_window window(octets);
    const auto message = walk(window);
    parsed_message m;
    read_fields(message.header(), m);
    read_parts(window, message.parts(), m);
    return m;
}

}  // namespace postern::message
