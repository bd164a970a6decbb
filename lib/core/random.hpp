#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace postern::core {

/// Where randomness comes from, so that tests can fix it.
class random_source {
public:
    virtual ~random_source() = default;
    virtual void fill(std::span<std::byte> out) = 0;
};

/// The kernel's generator, getrandom(2): fit for secrets. Throws std::system_error if the kernel has none.
class system_random final : public random_source {
public:
    void fill(std::span<std::byte> out) override;
};

/// `length` characters of the 32 in a-z and 2-7: five random bits each, easy to read out and to type.
[[nodiscard]] std::string random_text(random_source& source, std::size_t length);

}  // namespace postern::core
