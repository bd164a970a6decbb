#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "message/header_block.hpp"
#include "message/transfer_decoder.hpp"

namespace postern::message {

/// One part of a message's MIME structure: what its header says about it, and where its body lies.
struct part {
    static constexpr std::size_t no_parent = static_cast<std::size_t>(-1);

    enum class disposition_kind { none, in_line, attachment };  // RFC 2183; an unknown one is an attachment (2.8)

    std::size_t parent = no_parent;  ///< index of the multipart it lies in
    std::string type = "text";       ///< lower case, as are subtype and charset
    std::string subtype = "plain";
    std::string charset;
    std::string boundary;  ///< of a multipart; one that names none is text
    bool flowed = false;   ///< RFC 3676
    bool delete_space = false;
    disposition_kind disposition = disposition_kind::none;
    std::string filename;      ///< decoded, without folders, at most 255 octets
    std::string content_id;    ///< without angle brackets
    bool opened = false;       ///< a multipart whose parts follow it in the list; not so when nested too deep
    std::uint64_t header = 0;  ///< where its header begins
    encoded_range body;

    [[nodiscard]] bool is(std::string_view t, std::string_view s) const { return type == t && subtype == s; }
    [[nodiscard]] bool is_multipart() const { return type == "multipart" && !boundary.empty(); }
};

/// Reads the MIME fields of a header (RFC 2045, 2183, 2231). What is missing or makes no sense is text/plain (RFC 2045 5.2) or,
/// in a multipart/digest, message/rfc822 (RFC 2046 5.1.5). Parent and places are left for the caller to fill in.
[[nodiscard]] part read_part(const header_block& header, bool in_digest);

}  // namespace postern::message
