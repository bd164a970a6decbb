#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/content.hpp"
#include "message/envelope.hpp"
#include "message/transfer_decoder.hpp"

namespace postern::message {

using mime_parameters = std::vector<std::pair<std::string, std::string>>;  ///< name in lower case, value as it stands

/// A part of a message with all that IMAP tells of it (RFC 9051 7.5.2, BODYSTRUCTURE), and where it lies. Strings are bounded,
/// and without NUL, CR or LF.
struct mime_node {
    std::string type = "text";  ///< lower case
    std::string subtype = "plain";
    mime_parameters parameters{};
    std::optional<std::string> id{};  ///< Content-ID, with its angle brackets
    std::optional<std::string> description{};
    std::string encoding = "7bit";  ///< as it stands, at most 64 octets
    std::optional<std::string> md5{};
    std::optional<std::string> disposition{};  ///< lower case
    mime_parameters disposition_parameters{};
    std::vector<std::string> languages{};
    std::optional<std::string> location{};

    std::uint64_t header_begin = 0;  ///< offsets in the whole message
    std::uint64_t body_begin = 0;    ///< behind the empty line
    std::uint64_t body_end = 0;
    std::uint64_t lines = 0;  ///< of the body: the line breaks in it

    std::optional<message::envelope> envelope{};  ///< of message/rfc822 and message/global: the enclosed message's
    /// A multipart's parts, at least one; of message/rfc822 and message/global the enclosed message, one node, always.
    std::vector<mime_node> children{};

    [[nodiscard]] bool is_multipart() const { return type == "multipart"; }
    [[nodiscard]] bool is_message() const { return envelope.has_value(); }
};

/// The structure of a message, the messages within it included: at most 1,000 nodes in all, 50 levels. What is beyond is left
/// out: a multipart or a message for whose parts there is no room becomes application/octet-stream, as does a message that is
/// encoded (RFC 6532 3.5), for within it there are no octets to point at. A multipart that has no parts at all is text/plain,
/// as `structure` has it.
///
/// Costs the message's length a few times, memory with the number of parts and at most 2 MiB for the texts of all together:
/// parts beyond have type, subtype and encoding only. Throws what reading the content throws. May block.
[[nodiscard]] mime_node read_tree(const core::content& octets);

/// The part that a section number means (RFC 9051 6.4.5.1), nullptr: there is none. Part 1 of what is no multipart is its own
/// body. `enclosed`: of a message/rfc822 the node itself is found; its HEADER and TEXT are those of children[0].
[[nodiscard]] const mime_node* find_part(const mime_node& root, std::span<const std::uint32_t> number);

/// A stretch of the message.
struct octet_range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// The lines of the header at [begin, end) that are fields named in `names` (or, with `others`, not named), with their
/// continuations, and the empty line at the end (RFC 9051 6.4.5.1). At most 256 KiB of it.
[[nodiscard]] std::string select_fields(const core::content& octets, octet_range header, std::span<const std::string> names,
                                        bool others);

}  // namespace postern::message
