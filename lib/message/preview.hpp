#pragma once

#include <cstddef>
#include <string>

#include "message/octet_window.hpp"
#include "message/part.hpp"

namespace postern::message {

/// Characters of the line a list of messages shows under the subject.
inline constexpr std::size_t max_preview = 200;

/// The start of a text or HTML part as one line: white space folded, lines quoted from another message left out unless there is
/// nothing else, the signature too. Reads only as much of the part as it takes, at most 64 KiB of text or 256 KiB of HTML.
/// Throws what reading the content throws.
[[nodiscard]] std::string preview_of(octet_window& window, const part& p);

}  // namespace postern::message
