#pragma once

#include <string>
#include <string_view>

namespace postern::http {

/// `attachment` with the name to save under (RFC 6266), in plain characters and, where that loses something, in UTF-8 (RFC
/// 8187).
///
/// The name is the sender's word: only its last path segment counts, control and direction-changing characters are
/// replaced (a right-to-left override makes "exe.gpj" of a program), and it is cut at 200 octets. An empty one becomes
/// "attachment".
[[nodiscard]] std::string content_disposition(std::string_view filename);

}  // namespace postern::http
