#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/id.hpp"

/// Where a listing goes on, as an opaque text for clients: entry_page::next_uid bound to the mailbox it belongs to.
///
/// 18 characters of base64url (RFC 4648 5, no padding) for 13 octets: version, mailbox id, uid. Not a secret and not signed: it
/// names nothing its bearer may not ask for anyway. A cursor of another mailbox, or of another version of this format, is
/// refused rather than read as a position it was not meant to be. Pure; every text decodes to one position or to none, and
/// every position has one text.
namespace postern::storage {

/// `before_uid`: 1 to 4294967295 (RFC 9051 2.3.1.1).
[[nodiscard]] std::string encode_cursor(core::mailbox_id mailbox, std::int64_t before_uid);

/// The before_uid of a cursor that encode_cursor made for this mailbox; nullopt for any other text.
[[nodiscard]] std::optional<std::int64_t> decode_cursor(std::string_view cursor, core::mailbox_id mailbox);

}  // namespace postern::storage
