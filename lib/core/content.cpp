#include "core/content.hpp"

#include <algorithm>
#include <cstring>

namespace postern::core {

namespace {

std::size_t copy_from(std::string_view source, std::uint64_t offset, std::span<char> into) {
    if (offset >= source.size()) return 0;
    const auto n = std::min<std::size_t>(into.size(), source.size() - static_cast<std::size_t>(offset));
    std::memcpy(into.data(), source.data() + offset, n);
    return n;
}

}  // namespace

std::size_t memory_content::read(std::uint64_t offset, std::span<char> into) const { return copy_from(octets_, offset, into); }

std::size_t prefixed_content::read(std::uint64_t offset, std::span<char> into) const {
    const auto first = copy_from(prefix_, offset, into);
    if (first == into.size()) return first;
    const auto rest_offset = offset < prefix_.size() ? 0 : offset - prefix_.size();
    return first + rest_->read(rest_offset, into.subspan(first));
}

std::string read_all(const content& from) {
    if (const auto view = from.in_memory()) return std::string(*view);
    std::string all(static_cast<std::size_t>(from.size()), '\0');
    std::size_t have = 0;
    while (have < all.size()) {
        const auto n = from.read(have, std::span(all).subspan(have));
        if (n == 0) break;
        have += n;
    }
    all.resize(have);
    return all;
}

}  // namespace postern::core
