#include "account/password.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include <sodium.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "account/errc.hpp"
#include "account/sodium.hpp"

namespace postern::account {

namespace {

// With 64 MiB what RFC 9106 4 recommends second, and more than OWASP asks of Argon2id (19 MiB, two passes): about 100 ms on one
// core of a small server.
constexpr unsigned long long passes = 3;

constexpr std::size_t generated_length = 20;

struct wiping_deleter {
    std::size_t size = 0;
    void operator()(std::uint8_t* p) const noexcept {
        sodium_memzero(p, size);
        std::free(p);
    }
};

/// RFC 8264 4.3.3, 9: what no string class allows. Joiners are contextual there; the context is not looked at.
bool is_allowed(ucs4_t c) {
    if (uc_is_property_join_control(c)) return true;
    return !uc_is_general_category(c, UC_CONTROL) && !uc_is_general_category(c, UC_UNASSIGNED) &&
           !uc_is_property_default_ignorable_code_point(c) && !uc_is_property_not_a_character(c);
}

std::size_t characters(std::string_view utf8) {
    return u8_mbsnlen(reinterpret_cast<const std::uint8_t*>(utf8.data()), utf8.size());
}

}  // namespace

core::result<secret> normalize_password(std::string_view text) {
    if (text.empty()) return core::fail(errc::invalid_password, "the password is empty");
    if (text.size() > max_password_octets) return core::fail(errc::invalid_password, "the password is longer than 1024 octets");

    std::string mapped;
    mapped.reserve(text.size());
    const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
    for (auto left = text.size(); left > 0;) {
        ucs4_t c = 0;
        const int length = u8_mbtoucr(&c, at, left);
        if (length <= 0 || !is_allowed(c)) {
            const secret wiped(std::move(mapped));
            return core::fail(errc::invalid_password, length <= 0 ? "the password is not UTF-8"
                                                                  : "the password has a control or an unassigned character");
        }
        // RFC 8265 4.2.2 rule 2: a space is a space, whichever the keyboard gave.
        if (c != ' ' && uc_is_general_category(c, UC_SPACE_SEPARATOR)) {
            mapped += ' ';
        } else {
            mapped.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length));
        }
        at += length;
        left -= static_cast<std::size_t>(length);
    }
    const secret source(std::move(mapped));

    // RFC 8265 4.2.2 rule 4.
    std::size_t size = 0;
    const auto* from = reinterpret_cast<const std::uint8_t*>(source.reveal().data());
    auto* raw = u8_normalize(UNINORM_NFC, from, source.reveal().size(), nullptr, &size);
    if (raw == nullptr) throw std::bad_alloc();
    const std::unique_ptr<std::uint8_t, wiping_deleter> normal(raw, wiping_deleter{size});
    if (size > max_password_octets) return core::fail(errc::invalid_password, "the password is longer than 1024 octets");
    return secret(std::string_view(reinterpret_cast<const char*>(raw), size));
}

core::result<secret> check_new_password(std::string_view text) {
    auto normal = normalize_password(text);
    if (normal && characters(normal->reveal()) < min_password_characters) {
        return core::fail(errc::invalid_password, "the password is too short: it must have at least 8 characters");
    }
    return normal;
}

secret generate_password(core::random_source& random) { return secret(core::random_text(random, generated_length)); }

std::string hash_password(const secret& password, std::size_t memory) {
    ready_sodium();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    const auto text = password.reveal();
    if (crypto_pwhash_str_alg(hash.data(), text.data(), text.size(), passes, memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();  // the only way it fails
    }
    return hash.data();
}

bool verify_password(const std::string& hash, const secret& password) {
    ready_sodium();
    const auto text = password.reveal();
    errno = 0;
    if (crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0) return true;
    // EINVAL is a mismatch; without memory nothing was compared, and "wrong password" would be a lie that throttles the user.
    if (errno == ENOMEM) throw std::bad_alloc();
    return false;
}

}  // namespace postern::account
