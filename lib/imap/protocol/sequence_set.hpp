#pragma once

#include <cstdint>
#include <vector>

namespace postern::imap {

/// Numbers of messages, or uids (RFC 9051 section 9, sequence-set).
struct sequence_set {
    static constexpr std::uint32_t last = 0;  ///< "*": the largest there is

    struct range {
        std::uint32_t from = 0;
        std::uint32_t to = 0;  ///< either may be `last`, and either may be the smaller one
        friend bool operator==(const range&, const range&) = default;
    };

    std::vector<range> ranges;
    bool saved = false;  ///< "$": what the last SEARCH saved (RFC 5182); ranges are empty

    friend bool operator==(const sequence_set&, const sequence_set&) = default;

    /// In order, without overlap, with "*" as `largest`: pairs of first and last. Of an empty mailbox `largest` is 0, and
    /// nothing is in it.
    [[nodiscard]] std::vector<range> resolved(std::uint32_t largest) const;
};

}  // namespace postern::imap
