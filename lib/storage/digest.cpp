#include "storage/digest.hpp"

#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>

namespace postern::storage {
namespace {

// Fetched once: looking the algorithm up costs more than hashing a small message.
const EVP_MD* algorithm() {
    static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
    return fetched.get();
}

void check(int outcome) {
    if (outcome != 1) throw std::runtime_error("SHA-256 failed");
}

}  // namespace

std::array<unsigned char, 32> sha256(const core::content& octets) {
    std::array<unsigned char, 32> digest{};
    if (const auto whole = octets.in_memory()) {
        check(EVP_Digest(whole->data(), whole->size(), digest.data(), nullptr, algorithm(), nullptr));
        return digest;
    }
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    check(EVP_DigestInit_ex2(context.get(), algorithm(), nullptr));
    constexpr std::size_t piece_size = 64UL * 1024;
    std::vector<char> piece(std::min<std::size_t>(piece_size, octets.size()));
    for (std::uint64_t offset = 0; offset < octets.size();) {
        const auto got = octets.read(offset, piece);
        if (got == 0) throw std::runtime_error("the message ended before its size");
        check(EVP_DigestUpdate(context.get(), piece.data(), got));
        offset += got;
    }
    check(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr));
    return digest;
}

}  // namespace postern::storage
