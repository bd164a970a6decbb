#include "account/credential_cache.hpp"

#include <cstring>
#include <span>

#include <sodium.h>

#include "account/sodium.hpp"

namespace postern::account {

credential_cache::credential_cache(core::random_source& random, const core::clock& clock)
    : clock_(clock), right_until_(max_entries) {
    ready_sodium();
    random.fill(std::as_writable_bytes(std::span(key_)));
}

credential_cache::~credential_cache() { sodium_memzero(key_.data(), key_.size()); }

credential_cache::fingerprint credential_cache::identify(std::string_view account, std::string_view password_hash,
                                                         const secret& password) const {
    crypto_generichash_state state;
    crypto_generichash_init(&state, key_.data(), key_.size(), sizeof(fingerprint));
    const auto add = [&state](std::string_view text) {
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    };
    // NUL is in neither an address nor a hash, so no text's end can be taken for the next one's start.
    add(account);
    add(std::string_view("\0", 1));
    add(password_hash);
    add(std::string_view("\0", 1));
    add(password.reveal());
    fingerprint made;
    crypto_generichash_final(&state, made.data(), made.size());
    sodium_memzero(&state, sizeof state);
    return made;
}

bool credential_cache::knows(const fingerprint& credentials) {
    const auto* until = right_until_.find(credentials);
    if (until == nullptr) return false;
    // A clock set back must not make an entry live longer than it was given.
    const auto left = *until - clock_.now();
    if (left > std::chrono::seconds(0) && left <= lifetime) return true;
    right_until_.erase(credentials);
    return false;
}

void credential_cache::remember(const fingerprint& credentials) { right_until_.touch(credentials) = clock_.now() + lifetime; }

std::size_t credential_cache::fingerprint_hash::operator()(const fingerprint& f) const noexcept {
    std::size_t start = 0;
    std::memcpy(&start, f.data(), sizeof start);  // it is a keyed hash already
    return start;
}

}  // namespace postern::account
