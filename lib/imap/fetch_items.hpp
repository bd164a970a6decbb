#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/content.hpp"
#include "imap/protocol/command.hpp"

namespace postern::imap {

/// A stretch of a FETCH response: text, and behind it octets of content, if any.
struct fetch_piece {
    std::string text{};
    std::shared_ptr<const core::content> octets{};
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Whether any item of the command is made of the message's octets.
[[nodiscard]] bool needs_content(const fetch_command& wanted);

/// Whether the command sets \Seen (RFC 9051 6.4.5).
[[nodiscard]] bool sets_seen(const fetch_command& wanted);

/// The items of `wanted` that are made of a message's octets, with a blank in front of each but the first. A section that is
/// not there is NIL. May block, and throws, as reading the content does.
[[nodiscard]] std::vector<fetch_piece> make_fetch_items(const fetch_command& wanted,
                                                        const std::shared_ptr<const core::content>& message);

}  // namespace postern::imap
