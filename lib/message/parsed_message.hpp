#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/content.hpp"
#include "message/attachment.hpp"
#include "message/summary.hpp"

namespace postern::message {

/// One field of the header, decoded for people: unfolded, RFC 2047 words as UTF-8.
struct header_field {
    std::string name;   ///< as the message spells it, at most 998 octets
    std::string value;  ///< at most 16 KiB
};

/// The text of a message in one of its two forms: UTF-8, lines end in LF, no control characters but LF and tab.
struct body {
    std::string text;
    bool truncated = false;  ///< the message holds more than the 2 MiB given here
};

/// A whole message as a person reads it. Strings are valid UTF-8 without control characters.
struct parsed_message {
    std::vector<mailbox_address> from;  ///< groups flattened; each list at most 1,000
    std::vector<mailbox_address> to;
    std::vector<mailbox_address> cc;
    std::vector<mailbox_address> bcc;  ///< drafts have it, and messages whose sender's program forgot to take it out
    std::vector<mailbox_address> reply_to;
    std::string subject;                   ///< at most 998 octets
    std::optional<core::timestamp> date;   ///< the Date field, nullopt when missing or not a date
    std::string message_id;                ///< without angle brackets; empty when missing
    std::vector<std::string> in_reply_to;  ///< at most 100, without angle brackets
    std::vector<std::string> references;   ///< at most 100, without angle brackets
    std::vector<header_field> headers;     ///< in the message's order, at most 1,000 out of the first 256 KiB
    std::optional<body> text;              ///< text/plain parts, format=flowed unwrapped; nullopt when there are none
    std::optional<body> html;             ///< text/html parts as they are: hostile until sanitised; nullopt when there are none
    std::vector<attachment> attachments;  ///< every other part, message/rfc822 included, at most 1,000 parts
};

/// Reads a whole message (RFC 5322, MIME). Malformed input of every kind gives a best effort, never an error.
///
/// Reads the content in pieces and holds no more than what it returns: large attachments cost time, not memory. May block.
/// Throws what octets.read throws.
[[nodiscard]] parsed_message parse(const core::content& octets);

}  // namespace postern::message
