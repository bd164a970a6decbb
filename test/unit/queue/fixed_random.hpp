#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "core/random.hpp"

namespace postern::test {

/// Gives the same octet for ever: 0x00 is no jitter, 0xff all of it.
class fixed_random final : public core::random_source {
public:
    explicit fixed_random(std::byte octet) : octet_(octet) {}
    void fill(std::span<std::byte> out) override { std::ranges::fill(out, octet_); }

private:
    std::byte octet_;
};

}  // namespace postern::test
