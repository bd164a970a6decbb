#pragma once

#include <optional>

#include "account/secret.hpp"
#include "core/random.hpp"
#include "storage/app_password_store.hpp"

/// App passwords: made by us, one for each device, good for everything the account's own password is good for, and revocable
/// one by one. With so many random bits nobody can try them all, so a fast hash keeps them safe.
namespace postern::account {

/// Seven groups of four of a-z and 2-7, "abcd-efgh-...": 140 random bits.
[[nodiscard]] secret generate_app_password(core::random_source& random);

/// By what an app password is found, however it was typed: case, hyphens and spaces do not matter. nullopt: this is none.
[[nodiscard]] std::optional<storage::key_octets> app_password_token(const secret& typed);

}  // namespace postern::account
