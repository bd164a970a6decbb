#pragma once

#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/base64.hpp"

namespace postern::test {

/// The client's half of SCRAM-SHA-256 (RFC 5802 section 3), written apart from ours and by OpenSSL alone.
class scram_client {
public:
    scram_client(std::string name, std::string password, std::string gs2_header = "n,,", std::string binding = "")
        : name_(std::move(name)),
          password_(std::move(password)),
          gs2_header_(std::move(gs2_header)),
          binding_(std::move(binding)) {}

    std::string nonce = "rOprNGfwEbeRWgbNEkqO";

    [[nodiscard]] std::string first() const { return gs2_header_ + bare(); }

    /// The answer to server-first-message.
    [[nodiscard]] std::string final(const std::string& server_first) {
        const auto salt_at = server_first.find(",s=") + 3;
        const auto count_at = server_first.find(",i=", salt_at);
        const auto whole_nonce = server_first.substr(2, salt_at - 5);
        const auto salt = core::decode_base64(server_first.substr(salt_at, count_at - salt_at)).value();
        const auto iterations = std::stoi(server_first.substr(count_at + 3));
        std::string salted(32, '\0');
        PKCS5_PBKDF2_HMAC(password_.data(), static_cast<int>(password_.size()), octets(salt), static_cast<int>(salt.size()),
                          iterations, EVP_sha256(), 32, reinterpret_cast<unsigned char*>(salted.data()));
        const auto without_proof = "c=" + core::encode_base64(gs2_header_ + binding_) + ",r=" + whole_nonce;
        const auto auth_message = bare() + "," + server_first + "," + without_proof;
        auto proof = hmac(salted, "Client Key");
        std::string stored(32, '\0');
        EVP_Digest(proof.data(), proof.size(), reinterpret_cast<unsigned char*>(stored.data()), nullptr, EVP_sha256(), nullptr);
        const auto signature = hmac(stored, auth_message);
        for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
        server_final_ = "v=" + core::encode_base64(hmac(hmac(salted, "Server Key"), auth_message));
        return without_proof + ",p=" + core::encode_base64(proof);
    }

    /// What the server must say in the end, after final().
    [[nodiscard]] const std::string& server_final() const { return server_final_; }

private:
    static const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
    static std::string hmac(const std::string& key, std::string_view text) {
        std::string out(32, '\0');
        unsigned size = 0;
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(),
             reinterpret_cast<unsigned char*>(out.data()), &size);
        return out;
    }
    [[nodiscard]] std::string bare() const { return "n=" + name_ + ",r=" + nonce; }

    std::string name_;
    std::string password_;
    std::string gs2_header_;
    std::string binding_;
    std::string server_final_;
};

}  // namespace postern::test
