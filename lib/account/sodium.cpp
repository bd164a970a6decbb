#include "account/sodium.hpp"

#include <stdexcept>

#include <sodium.h>

namespace postern::account {

void ready_sodium() {
    static const int status = sodium_init();
    if (status < 0) throw std::runtime_error("libsodium cannot be initialized");
}

}  // namespace postern::account
