#pragma once

#include <string>
#include <string_view>

namespace postern::http {

/// The type and subtype of a Content-Type field in lower case, without its parameters (RFC 9110 8.3.1); empty for none.
[[nodiscard]] std::string media_type(std::string_view content_type);

}  // namespace postern::http
