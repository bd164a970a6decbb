#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::core {

/// The form in which local parts are compared: UTF-8, Unicode case folding, then NFC. ASCII takes a short way.
/// nullopt when the octets are not UTF-8.
[[nodiscard]] std::optional<std::string> fold_case(std::string_view utf8);

/// A domain as A-labels in lower case, without a trailing dot (RFC 5891 through libidn2, non-transitional UTS #46).
/// Takes U-labels, A-labels or a mixture; nullopt when a label is not valid in IDNA 2008 or a length is over RFC 1035's.
[[nodiscard]] std::optional<std::string> to_a_label(std::string_view domain);

/// A domain as U-labels for people; what cannot be decoded is returned as it is.
[[nodiscard]] std::string to_u_label(std::string_view domain);

/// `text` with every octet that is not part of valid UTF-8 replaced by U+FFFD: for logs and JSON, whatever the remote sent.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace postern::core
