#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "storage/records.hpp"

/// What may be made here, beyond what can be read: the rules of administration.
namespace postern::account {

/// An address for a new account or alias: at most 64 octets before the @ (RFC 5321 4.5.3.1.1: what every other server takes),
/// no control characters, nothing that reads as a route to elsewhere. invalid_address.
[[nodiscard]] core::result<void> check_new_address(const storage::canonical_address& address);

/// A person's name: UTF-8 without control characters, at most 1024 octets. invalid_value.
[[nodiscard]] core::result<void> check_name(std::string_view name);

/// At least one octet, or none at all for no limit. invalid_value.
[[nodiscard]] core::result<void> check_quota(std::optional<std::int64_t> limit);

}  // namespace postern::account
