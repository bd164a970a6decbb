#pragma once

#include <cstddef>

#include "account/password_hasher.hpp"

namespace postern::test {

/// Hashes with the least memory that limits.password_memory allows: with the usual, hashing is most of what a test takes.
class quick_hasher : public account::password_hasher {
public:
    static constexpr std::size_t memory = 19UL * 1024 * 1024;

    explicit quick_hasher(std::size_t at_once) : password_hasher(at_once, usual_queue, memory) {}
};

}  // namespace postern::test
