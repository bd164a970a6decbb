#include "message/envelope.hpp"

#include <algorithm>

#include "message/address_list.hpp"
#include "message/clean_text.hpp"
#include "message/field_decoder.hpp"
#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_envelope_text = 16UL * 1024;
constexpr std::size_t max_envelope_list = 64UL * 1024;  // octets
constexpr std::size_t max_envelope_addresses = 1000;

std::optional<std::string> envelope_text(const header_block& header, std::string_view name) {
    const auto found = std::ranges::find_if(header.fields(), [name](const raw_field& f) { return same_name(f.name, name); });
    // RFC 9051 7.5.2: what is absent is NIL, what is empty is an empty string.
    if (found == header.fields().end()) return std::nullopt;
    return readable_line(cut_utf8(found->value, max_envelope_text), max_envelope_text);
}

/// Of all fields of that name: RFC 5322 3.6 allows one, and those who wrote several meant them all.
std::vector<envelope_address> envelope_list(const header_block& header, std::string_view name) {
    std::vector<envelope_address> addresses;
    auto room = max_envelope_list;
    for (const auto& field : header.fields()) {
        if (!same_name(field.name, name)) continue;
        auto value = field.value;
        if (value.size() > room) value = cut_utf8(value, std::min(value.rfind(',', room), room));
        room -= value.size();
        read_address_list(readable_line(value, max_envelope_list), max_envelope_addresses, addresses);
    }
    return addresses;
}

}  // namespace

envelope read_envelope(const header_block& header) {
    start_gmime();
    envelope e{.date = envelope_text(header, "Date"),
               .subject = envelope_text(header, "Subject"),
               .from = envelope_list(header, "From"),
               .sender = envelope_list(header, "Sender"),
               .reply_to = envelope_list(header, "Reply-To"),
               .to = envelope_list(header, "To"),
               .cc = envelope_list(header, "Cc"),
               .bcc = envelope_list(header, "Bcc"),
               .in_reply_to = envelope_text(header, "In-Reply-To"),
               .message_id = envelope_text(header, "Message-ID")};
    // RFC 9051 7.5.2: absent or empty, both are From's; a client does not do that itself.
    if (e.sender.empty()) e.sender = e.from;
    if (e.reply_to.empty()) e.reply_to = e.from;
    return e;
}

}  // namespace postern::message
