#pragma once

#include <optional>
#include <string>

namespace postern::imap {

/// A mailbox's name as a client spells it, as UTF-8 (RFC 9051 5.1). `octets` are UTF-8. Unless `utf8` they are modified UTF-7;
/// what is none is taken as it stands, for clients that send UTF-8 without having said so. nullopt: it holds control
/// characters.
[[nodiscard]] std::optional<std::string> read_mailbox_name(std::string octets, bool utf8);

}  // namespace postern::imap
