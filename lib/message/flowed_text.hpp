#pragma once

#include <string>
#include <string_view>

namespace postern::message {

/// Text in format=flowed (RFC 3676) with its paragraphs joined to one line each and its quote marks written as "> ", ">> ".
/// `delete_space`: DelSp=yes, the space that marks a soft break is no part of the text. Lines end in LF.
[[nodiscard]] std::string unwrap_flowed(std::string_view text, bool delete_space);

}  // namespace postern::message
