#pragma once

#include "message/header_block.hpp"
#include "message/mime_tree.hpp"
#include "message/part.hpp"

namespace postern::message {

/// Fills in what the Content-* fields of a header say of a part, undecoded. Type and subtype are `read`'s, so that a message is
/// the same to all who look at it.
void read_mime_fields(const header_block& header, const part& read, mime_node& node);

/// Makes of a node what RFC 2045 5.2 takes for granted: text/plain in US-ASCII.
void make_plain_text(mime_node& node);

/// Makes of a node, whose inside is not told of, octets to be taken as a whole.
void make_opaque(mime_node& node);

/// Roughly the octets of memory that a node's texts take.
[[nodiscard]] std::size_t text_weight(const mime_node& node);

/// Leaves of a node only what it must have: what it is, how it is encoded, where it lies.
void drop_texts(mime_node& node);

}  // namespace postern::message
