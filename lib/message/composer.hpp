#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "message/summary.hpp"

/// Making messages (RFC 5322, MIME) of what a person wrote in a form rather than in a mail program.
///
/// Flow: whoever has read and checked the form fills new_message; compose() makes the octets.
/// On failure: there is none to report. Any text may stand anywhere: what a field cannot hold is encoded (RFC 2047, RFC 2231)
/// or, where it is a line break or another control character, becomes a space, so that no text begins a field of its own.
namespace postern::message {

struct new_attachment {
    std::string filename;      ///< UTF-8; empty: none
    std::string content_type;  ///< "type/subtype"; what is none becomes application/octet-stream
    std::string octets;
    std::string content_id{};  ///< without angle brackets, for an image that the HTML shows as "cid:..."; empty: none
};

struct new_message {
    mailbox_address from;  ///< addresses are ASCII or, in their local part, UTF-8; domains A-labels
    std::vector<mailbox_address> to;
    std::vector<mailbox_address> cc;
    std::vector<mailbox_address> bcc;  ///< written only into a draft
    std::vector<mailbox_address> reply_to;
    std::string subject;
    std::optional<std::string> text;  ///< any line breaks; neither text nor html: an empty text
    std::optional<std::string> html;
    std::vector<new_attachment> attachments;
    std::string in_reply_to;                                   ///< a message id without angle brackets; empty: none
    std::vector<std::string> references;                       ///< likewise, the oldest first
    std::vector<std::pair<std::string, std::string>> headers;  ///< further fields; only those is_free_field() takes are written
    core::timestamp date;
    std::string message_id;  ///< without angle brackets
    bool draft = false;
};

/// Whether a form may set the field: X- and List- fields, and a few that only inform. Everything that says who, when, where to
/// and by what way is the composer's and the server's.
[[nodiscard]] bool is_free_field(std::string_view name);

/// The message's octets, from its first field to its last line; lines end in CRLF and have at most 998 octets.
[[nodiscard]] std::string compose(const new_message& m);

/// Whether the composed header holds octets outside ASCII, so that the message needs SMTPUTF8 (RFC 6531): addresses do.
[[nodiscard]] bool needs_smtputf8(const new_message& m);

}  // namespace postern::message
