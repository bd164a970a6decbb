#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "account/secret.hpp"
#include "config/settings.hpp"
#include "core/random.hpp"
#include "core/result.hpp"

namespace postern::account {

inline constexpr std::size_t min_password_characters = 8;
inline constexpr std::size_t max_password_octets = 1024;

/// The one form of a password, whatever keyboard or client it came from: RFC 8265 4.2 (OpaqueString), that is UTF-8 in NFC,
/// other spaces as U+0020, no control characters, not empty. At most max_password_octets before and after. invalid_password.
[[nodiscard]] core::result<secret> normalize_password(std::string_view text);

/// normalize_password for a password being set: also at least min_password_characters. invalid_password says what is wrong.
[[nodiscard]] core::result<secret> check_new_password(std::string_view text);

/// A password for a person to copy: 20 characters of a-z and 2-7, one hundred random bits.
[[nodiscard]] secret generate_password(core::random_source& random);

inline constexpr std::size_t default_password_memory = config::limit_settings{}.password_memory;  ///< octets

/// Argon2id of a normalized password, in the PHC string form, which also says its cost. Takes `memory` octets and, with the
/// default, some hundred milliseconds: never on the loop (password_hasher). Throws std::bad_alloc when it cannot be had.
[[nodiscard]] std::string hash_password(const secret& password, std::size_t memory = default_password_memory);

/// Whether `password` gives `hash`; at the cost it was made with, and with the same warning.
[[nodiscard]] bool verify_password(const std::string& hash, const secret& password);

}  // namespace postern::account
