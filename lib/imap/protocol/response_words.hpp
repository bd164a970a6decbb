#pragma once

#include <string>
#include <string_view>

namespace postern::imap {

/// As an atom where that can hold it, else as write_string does.
void write_astring(std::string& out, std::string_view text, bool utf8 = false);

}  // namespace postern::imap
