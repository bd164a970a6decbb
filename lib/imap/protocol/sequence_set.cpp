#include "imap/protocol/sequence_set.hpp"

#include <algorithm>

namespace postern::imap {

std::vector<sequence_set::range> sequence_set::resolved(std::uint32_t largest) const {
    std::vector<range> all;
    if (largest == 0) return all;
    all.reserve(ranges.size());
    for (const auto& [from, to] : ranges) {
        const auto [low, high] = std::minmax({from == last ? largest : from, to == last ? largest : to});
        all.push_back({low, high});
    }
    std::ranges::sort(all, {}, &range::from);
    std::size_t kept = 0;
    for (const auto next : all) {
        // Where one ends another begins or has begun: both are one. The difference, as a sum could run over.
        if (kept > 0 && (next.from <= all[kept - 1].to || next.from - all[kept - 1].to == 1)) {
            all[kept - 1].to = std::max(all[kept - 1].to, next.to);
        } else {
            all[kept++] = next;
        }
    }
    all.resize(kept);
    return all;
}

}  // namespace postern::imap
