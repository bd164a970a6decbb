#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "storage/records.hpp"

/// From an address as people and peers write it to the one form in which it is stored and compared.
///
/// A quoted local part is unquoted, then case-folded (local accounts do not tell Alice from alice); a domain becomes A-labels
/// in lower case. Nothing here asks the database.
namespace postern::account {

/// Reads `local@domain` (RFC 5321 4.1.2, RFC 6531 3.3). invalid_address says in its detail what is wrong with it; an address
/// literal is no local address. The bounds of RFC 5321 4.5.3.1 hold for the text; the canonical local part fits 256 octets.
[[nodiscard]] core::result<storage::canonical_address> parse_address(std::string_view text);

/// As parse_address, and `@domain` for a domain's catch-all.
[[nodiscard]] core::result<storage::canonical_address> parse_alias_address(std::string_view text);

/// A domain that mail can have: A-labels or U-labels, any case. invalid_domain.
[[nodiscard]] core::result<std::string> parse_domain(std::string_view text);

/// The local part before the first '+' (RFC 5233); nullopt when there is no tag, or nothing before it.
[[nodiscard]] std::optional<std::string> without_tag(std::string_view local_part);

/// RFC 5321 4.5.1 and RFC 2142 5: names that must reach a person in every domain. Takes a canonical local part.
[[nodiscard]] bool is_always_deliverable(std::string_view local_part) noexcept;

/// For people: the domain as U-labels, the local part quoted where it has to be.
[[nodiscard]] std::string to_text(const storage::canonical_address& address);

}  // namespace postern::account
