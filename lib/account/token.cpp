#include "account/token.hpp"

#include <algorithm>

#include <sodium.h>

#include "account/sodium.hpp"
#include "core/format.hpp"

namespace postern::account {

namespace {

constexpr std::size_t token_letters = 26;  // of five bits each

storage::key_octets sha256(std::string_view octets) {
    ready_sodium();
    storage::key_octets digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(octets.data()), octets.size());
    return digest;
}

}  // namespace

secret generate_token(core::random_source& random, std::string_view prefix) {
    auto drawn = core::random_text(random, token_letters);
    std::string whole;
    whole.reserve(prefix.size() + token_letters);  // in one place, so that it can be wiped
    whole.append(prefix).append(drawn);
    const secret wiped(std::move(drawn));
    return secret(std::move(whole));
}

std::optional<storage::key_octets> token_hash(std::string_view token, std::string_view prefix) {
    if (!token.starts_with(prefix) || token.size() != prefix.size() + token_letters) return std::nullopt;
    const auto is_drawn = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); };
    if (!std::ranges::all_of(token.substr(prefix.size()), is_drawn)) return std::nullopt;
    return sha256(token);
}

std::string derived_text(std::string_view token, std::string_view purpose) {
    std::string joined;
    joined.reserve(token.size() + purpose.size() + 1);
    joined.append(purpose).append(1, '\0').append(token);
    const auto digest = sha256(joined);
    const secret wiped(std::move(joined));
    std::string text;
    for (const auto octet : digest) core::append(text, "{:02x}", octet);
    return text;
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace postern::account
