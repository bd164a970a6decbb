#include "account/app_password.hpp"

#include <string>

#include <sodium.h>

#include "account/sodium.hpp"

namespace postern::account {

namespace {

constexpr std::size_t group = 4;
constexpr std::size_t password_letters = 7 * group;  // of five bits each

}  // namespace

secret generate_app_password(core::random_source& random) {
    auto drawn = core::random_text(random, password_letters);
    std::string shown;
    shown.reserve(password_letters + password_letters / group);
    for (std::size_t i = 0; i < password_letters; ++i) {
        if (i > 0 && i % group == 0) shown += '-';
        shown += drawn[i];
    }
    const secret wiped(std::move(drawn));
    return secret(std::move(shown));
}

std::optional<storage::key_octets> app_password_token(const secret& typed) {
    ready_sodium();
    std::string plain;
    plain.reserve(password_letters);
    for (const char c : typed.reveal()) {
        if (c == '-' || c == ' ') continue;
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool drawn = (lower >= 'a' && lower <= 'z') || (lower >= '2' && lower <= '7');
        if (!drawn || plain.size() == password_letters) {
            const secret wiped(std::move(plain));
            return std::nullopt;
        }
        plain += lower;
    }
    const secret normal(std::move(plain));
    if (normal.reveal().size() != password_letters) return std::nullopt;
    storage::key_octets token{};
    crypto_hash_sha256(token.data(), reinterpret_cast<const unsigned char*>(normal.reveal().data()), normal.reveal().size());
    return token;
}

}  // namespace postern::account
