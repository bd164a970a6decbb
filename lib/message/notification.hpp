#pragma once

#include "core/content.hpp"

namespace postern::message {

/// Whether a message is a report (multipart/report, RFC 6522), as a mail program's disposition notification is (RFC 8098): what
/// nobody is to answer. Reads the header only.
[[nodiscard]] bool is_notification(const core::content& octets);

}  // namespace postern::message
