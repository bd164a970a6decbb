#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::message {

/// What a field like Content-Type or Content-Disposition says, undecoded: quotes and backslashes taken off, no more.
struct field_parameters {
    std::string value{};                                            ///< before the first ";", lower case
    std::vector<std::pair<std::string, std::string>> parameters{};  ///< name in lower case; at most 100
};

/// Reads such a field (RFC 2045 5.1, RFC 2183 2). The sections of a parameter that was cut (RFC 2231 3) become one parameter:
/// "name" where they are plain, "name*" with charset and percents where one of them is encoded.
///
/// `line`: unfolded. What programs write without the quotes it needs is read up to the next ";".
[[nodiscard]] field_parameters read_field_parameters(std::string_view line);

}  // namespace postern::message
