#pragma once

#include <string>
#include <string_view>

#include "account/secret.hpp"
#include "storage/app_password_store.hpp"

/// The arithmetic of SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677): keys out of a password, and what server and client prove to
/// each other with them.
namespace postern::account {

inline constexpr std::int32_t scram_iterations =
    4096;  ///< RFC 7677 section 4 asks for as many; more gains nothing on random keys
inline constexpr std::size_t scram_hash_size = 32;

struct scram_keys {
    storage::key_octets stored_key{};
    storage::key_octets server_key{};
};

/// Runs PBKDF2, some milliseconds: not on the loop. The password is taken as it is.
[[nodiscard]] scram_keys derive_scram_keys(const secret& password, const storage::scram_parameters& parameters);

/// Whether ClientProof shows that the client knows the password behind `stored_key`. In the same time whatever the proof is.
[[nodiscard]] bool proof_fits(const storage::key_octets& stored_key, std::string_view auth_message, std::string_view proof);

/// ServerSignature, by which the client knows that the server has the keys.
[[nodiscard]] std::string server_signature(const storage::key_octets& server_key, std::string_view auth_message);

/// What SCRAM begins with for a login that has no app passwords: always the same under one `key`, and not to be told from what
/// is stored.
[[nodiscard]] storage::scram_parameters made_up_parameters(const storage::key_octets& key, std::string_view login);

}  // namespace postern::account
