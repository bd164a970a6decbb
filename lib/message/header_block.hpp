#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "message/boundary_stack.hpp"
#include "message/octet_window.hpp"

namespace postern::message {

/// One field as it stands in the message: folded, undecoded.
struct raw_field {
    std::string_view name;
    std::string_view value;  ///< without the line break that ends it
};

/// The header of a message or of a part: its first octets, cut into fields.
class header_block {
public:
    static constexpr std::size_t max_fields = 1000;

    header_block() = default;

    /// `octets`: whole lines, each a field's or a continuation.
    explicit header_block(std::vector<char> octets);

    header_block(header_block&&) noexcept = default;
    header_block& operator=(header_block&&) noexcept = default;
    header_block(const header_block&) = delete;
    header_block& operator=(const header_block&) = delete;
    ~header_block() = default;

    /// In order, the first max_fields.
    [[nodiscard]] const std::vector<raw_field>& fields() const noexcept { return fields_; }

    /// The first field of that name, ASCII case aside; empty when there is none.
    [[nodiscard]] std::string_view find(std::string_view name) const;

private:
    std::vector<char> octets_;  // unlike a string's, its memory stays where it is when this object moves
    std::vector<raw_field> fields_;
};

/// Whether two field names are the same (RFC 5322 1.2.2: ASCII case does not matter).
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

struct read_header_result {
    header_block header;
    std::uint64_t body_begin;  ///< behind the empty line, or at the first line that no header can hold
};

/// Reads the header that begins at `begin`, keeping its first `keep` octets and of each line the first 64 KiB: what a stranger
/// makes longer is passed over, not held.
///
/// It ends at an empty line, at the content's end, at a delimiter of an open multipart, and, for messages that leave the empty
/// line out, at a line that is no field (RFC 5322 2.2).
[[nodiscard]] read_header_result read_header(octet_window& window, std::uint64_t begin, std::size_t keep,
                                             const boundary_stack& open);

}  // namespace postern::message
