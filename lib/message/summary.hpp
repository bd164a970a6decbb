#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/content.hpp"

/// Messages (RFC 5322, MIME) as people read them: a summary for lists, parsed_message for the whole, open_attachment for its
/// files.
///
/// Flow: octet_window looks at content a piece at a time; structure walks it and notes where each part lies; header_block, part
/// and field_decoder read what fields say, GMime doing the decoding; body_selection tells which parts are read and which are
/// attached; body_text, preview and decoded_content decode what is asked for.
/// On failure: there is none to report. Every octet comes from a stranger; what is malformed gives a best effort within stated
/// bounds of memory, depth and time, and nothing but the medium throws.
namespace postern::message {

/// One address of a header field, decoded: RFC 2047 words as UTF-8. Either half may be empty.
struct mailbox_address {
    std::string name;
    std::string address;

    friend bool operator==(const mailbox_address&, const mailbox_address&) = default;
};

/// What a list of messages shows and threads are made from; computed once, when the message is stored.
///
/// Every string is valid UTF-8 without NUL or control characters, and bounded: whatever the message held, this fits a row.
struct summary {
    mailbox_address from;                 ///< the first From address
    std::vector<mailbox_address> to;      ///< at most 100
    std::string subject;                  ///< unfolded, at most 998 octets
    std::optional<core::timestamp> date;  ///< the Date field, nullopt when missing or not a date
    std::string preview;                  ///< start of the text a person would read, white space folded, at most 200 characters
    bool has_attachments = false;
    std::string message_id;               ///< without angle brackets; empty when missing
    std::string in_reply_to;              ///< first id, without angle brackets
    std::vector<std::string> references;  ///< at most 100, without angle brackets
};

/// Summarizes a whole message (RFC 5322, MIME). Malformed input of every kind gives a best effort, never an error.
/// Attachments are looked for in the first 16 MiB, and no further than the first one once a body has been passed, so that cost
/// grows with the header and the text and hardly with attachments: 10 to 30 microseconds for what people write to each other.
/// May block unless `octets` is in memory. Throws what octets.read throws.
[[nodiscard]] summary summarize(const core::content& octets);

}  // namespace postern::message
