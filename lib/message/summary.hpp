#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/content.hpp"

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
/// Cost grows with the header and with the first text part, not with attachments. May block unless `octets` is in memory.
[[nodiscard]] summary summarize(const core::content& octets);

}  // namespace postern::message
