#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/content.hpp"

namespace postern::message {

/// A part of a message that is not one of its bodies, as a person sees it. Strings are valid UTF-8 without control characters.
struct attachment {
    std::size_t id = 0;  ///< 1, 2, ... in the order of the message; the same for the same octets, always
    std::string
        filename;  ///< decoded (RFC 2231, RFC 2047), at most 255 octets, never a path; empty when the message gives none
    std::string content_type;  ///< "image/png": lower case, without parameters
    std::uint64_t size = 0;    ///< octets once decoded
    std::string content_id;    ///< without angle brackets; what "cid:" in the HTML refers to
    bool is_inline = false;    ///< belongs into the text (an image of the HTML) rather than beside it
};

/// An attachment and its decoded octets, read in pieces: a reader holds a buffer, never the whole.
struct opened_attachment {
    attachment description;
    std::shared_ptr<const core::content> octets;  ///< keeps the message's own content alive
};

/// Opens the attachment with this id (as in parsed_message::attachments); nullopt when the message has none such.
///
/// Walks the message and decodes the attachment once, for its size. May block, and so may reading `octets`, which is cheap from
/// front to back; a read further back decodes from the beginning again. Throws what message->read throws.
[[nodiscard]] std::optional<opened_attachment> open_attachment(std::shared_ptr<const core::content> message, std::size_t id);

}  // namespace postern::message
