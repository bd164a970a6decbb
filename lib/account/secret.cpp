#include "account/secret.hpp"

#include <utility>

#include <sodium.h>

namespace postern::account {

namespace {

/// A plain memset of memory about to be freed is removed by the compiler.
void wipe(std::vector<char>& octets) noexcept { sodium_memzero(octets.data(), octets.size()); }

}  // namespace

secret::secret(std::string&& text) : octets_(text.begin(), text.end()) {
    sodium_memzero(text.data(), text.size());
    text.clear();
}

secret& secret::operator=(secret&& other) noexcept {
    if (this == &other) return *this;
    wipe(octets_);
    octets_ = std::exchange(other.octets_, {});
    return *this;
}

secret::~secret() { wipe(octets_); }

}  // namespace postern::account
