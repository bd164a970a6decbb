#pragma once

#include <string>
#include <string_view>

#include "account/secret.hpp"
#include "core/random.hpp"
#include "storage/app_password_store.hpp"

/// Secrets that we make and programs keep: API tokens and the cookies of web sessions. 130 random bits: nobody can try them
/// all, so a fast hash is enough for storage, and their checks need no throttle.
namespace postern::account {

/// `prefix` and 26 letters of a-z and 2-7. A prefix lets people, and programs that look for leaked secrets, see what it is.
[[nodiscard]] secret generate_token(core::random_source& random, std::string_view prefix);

/// By what storage finds it: SHA-256. nullopt for what generate_token() cannot have made with that prefix.
[[nodiscard]] std::optional<storage::key_octets> token_hash(std::string_view token, std::string_view prefix);

/// What follows from a token and tells nothing of it: SHA-256 of both, in hexadecimal digits.
[[nodiscard]] std::string derived_text(std::string_view token, std::string_view purpose);

/// Compares without telling by its time where the two differ.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

}  // namespace postern::account
