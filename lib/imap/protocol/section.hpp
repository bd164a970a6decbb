#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::imap {

/// What of a message BODY[...] means (RFC 9051 6.4.5).
struct section {
    enum class piece { whole, header, header_fields, header_fields_not, text, mime };

    std::vector<std::uint32_t> part{};  ///< 2.1 as {2, 1}; empty: the message itself. At most 50 deep
    piece what = piece::whole;
    std::vector<std::string> fields{};  ///< of header_fields and header_fields_not, as spelled

    friend bool operator==(const section&, const section&) = default;
};

/// One item of FETCH that is answered with octets.
struct section_request {
    enum class form {
        body,           ///< BODY[...]
        binary,         ///< BINARY[...]: decoded (RFC 3516)
        binary_size,    ///< BINARY.SIZE[...]: a number in place of octets
        rfc822,         ///< RFC822: as BODY[], under this name
        rfc822_header,  ///< as BODY.PEEK[HEADER]
        rfc822_text,    ///< as BODY[TEXT]
    };

    section of{};
    form spelled = form::body;
    bool peek = false;  ///< does not set \Seen; true as well of binary_size and rfc822_header
    std::optional<std::pair<std::uint64_t, std::uint64_t>> partial{};  ///< first octet and how many, at least 1

    friend bool operator==(const section_request&, const section_request&) = default;
};

}  // namespace postern::imap
