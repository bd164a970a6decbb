#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::message {

/// The words of an HTML document, for a line of preview and nothing more: tags become spaces where they break lines; comments,
/// style, script and title are left out; the usual character references are resolved. Reads until `enough` octets are found.
///
/// One pass with no memory of nesting, so its cost is the input's length. The result is text, never HTML to be shown.
[[nodiscard]] std::string html_words(std::string_view html, std::size_t enough);

}  // namespace postern::message
