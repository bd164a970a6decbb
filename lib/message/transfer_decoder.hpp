#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "message/octet_window.hpp"

namespace postern::message {

/// Content-Transfer-Encoding (RFC 2045 6).
enum class transfer_encoding { identity, base64, quoted_printable };

/// Reads the field's value; what is unknown is taken as it stands.
[[nodiscard]] transfer_encoding read_transfer_encoding(std::string_view value);

/// A range of a message and how its octets are encoded.
struct encoded_range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    transfer_encoding encoding = transfer_encoding::identity;
};

/// Decodes a range from front to back, in pieces of at most 16 KiB of the message: the same pieces every time, so that even
/// what is malformed decodes to the same octets whenever it is read.
class transfer_decoder {
public:
    static constexpr std::size_t piece = 16UL * 1024;

    explicit transfer_decoder(encoded_range range);

    /// Appends what the next piece decodes to, which may be nothing; false at the end, when there was none left.
    /// Throws what reading the content throws.
    bool next(octet_window& window, std::string& out);

private:
    std::size_t step(std::string_view in, char* out);

    encoded_range range_;
    std::uint64_t at_;
    // GMime's state of a decoder, kept without its type so that this header stays free of GMime's.
    int state_ = 0;
    std::uint32_t saved_ = 0;
};

/// How many octets the range decodes to; reads it through.
[[nodiscard]] std::uint64_t decoded_size(octet_window& window, const encoded_range& range);

}  // namespace postern::message
