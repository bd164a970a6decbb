#include "core/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

namespace postern::core {

void system_random::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::system_category(), "getrandom");
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

std::string random_text(random_source& source, std::size_t length) {
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
    std::vector<std::byte> bytes(length);
    source.fill(bytes);
    std::string text;
    text.reserve(length);
    for (const auto b : bytes) text += letters[std::to_integer<std::size_t>(b) % letters.size()];
    return text;
}

}  // namespace postern::core
