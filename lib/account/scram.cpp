#include "account/scram.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/evp.h>
#include <sodium.h>

#include "account/sodium.hpp"

namespace postern::account {

namespace {

using storage::key_octets;

static_assert(crypto_auth_hmacsha256_BYTES == scram_hash_size && crypto_hash_sha256_BYTES == scram_hash_size);

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

key_octets hmac(const key_octets& key, std::string_view text) {
    key_octets out{};
    crypto_auth_hmacsha256(out.data(), octets(text), text.size(), key.data());
    return out;
}

key_octets hash(const key_octets& of) {
    key_octets out{};
    crypto_hash_sha256(out.data(), of.data(), of.size());
    return out;
}

}  // namespace

scram_keys derive_scram_keys(const secret& password, const storage::scram_parameters& parameters) {
    ready_sodium();
    key_octets salted{};
    const auto text = password.reveal();
    const auto done = PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), parameters.salt.data(),
                                        static_cast<int>(parameters.salt.size()), parameters.iterations, EVP_sha256(),
                                        static_cast<int>(salted.size()), salted.data());
    if (done != 1) throw std::runtime_error("PBKDF2 failed");
    auto client_key = hmac(salted, "Client Key");
    const scram_keys keys{.stored_key = hash(client_key), .server_key = hmac(salted, "Server Key")};
    sodium_memzero(salted.data(), salted.size());
    sodium_memzero(client_key.data(), client_key.size());
    return keys;
}

bool proof_fits(const key_octets& stored_key, std::string_view auth_message, std::string_view proof) {
    ready_sodium();
    if (proof.size() != scram_hash_size) return false;
    auto client_key = hmac(stored_key, auth_message);  // ClientSignature; ClientProof makes ClientKey of it
    for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= static_cast<unsigned char>(proof[i]);
    const bool fits = sodium_memcmp(hash(client_key).data(), stored_key.data(), stored_key.size()) == 0;
    sodium_memzero(client_key.data(), client_key.size());
    return fits;
}

std::string server_signature(const key_octets& server_key, std::string_view auth_message) {
    ready_sodium();
    const auto signature = hmac(server_key, auth_message);
    return {signature.begin(), signature.end()};
}

storage::scram_parameters made_up_parameters(const key_octets& key, std::string_view login) {
    ready_sodium();
    const auto made = hmac(key, login);
    storage::scram_parameters parameters{.salt = {}, .iterations = scram_iterations};
    std::copy_n(made.begin(), parameters.salt.size(), parameters.salt.begin());
    return parameters;
}

}  // namespace postern::account
