#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "account/bounded_table.hpp"
#include "account/secret.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"

namespace postern::account {

/// Remembers for a few minutes which passwords were right, so that a client that sends its password with every request
/// (HTTP Basic) does not cost an Argon2id each time.
///
/// What is kept is a keyed BLAKE2b of account, password hash and password, under a random key that lives as long as the
/// process: no password, and nothing that could be tried offline without that key. Bound to the hash, so a new password forgets
/// the old one at once. An entry's time is not extended by use.
class credential_cache {
public:
    using fingerprint = std::array<unsigned char, 32>;
    struct fingerprint_hash {
        std::size_t operator()(const fingerprint& f) const noexcept;
    };

    static constexpr std::chrono::minutes lifetime{5};
    static constexpr std::size_t max_entries = 10'000;

    credential_cache(core::random_source& random, const core::clock& clock);
    ~credential_cache();
    credential_cache(const credential_cache&) = delete;
    credential_cache& operator=(const credential_cache&) = delete;

    /// What names this password for this account (its canonical address) and its present hash.
    [[nodiscard]] fingerprint identify(std::string_view account, std::string_view password_hash, const secret& password) const;

    /// Whether this was right within `lifetime`.
    [[nodiscard]] bool knows(const fingerprint& credentials);

    /// It was right just now.
    void remember(const fingerprint& credentials);

private:
    const core::clock& clock_;
    std::array<unsigned char, 32> key_{};
    bounded_table<fingerprint, core::timestamp, fingerprint_hash> right_until_;
};

}  // namespace postern::account
