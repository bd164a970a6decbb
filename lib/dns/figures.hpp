#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>

#include "core/metrics.hpp"
#include "dns/records.hpp"

namespace postern::dns {

/// What the resolver counts. Made without metrics it counts nothing. Loop thread only.
class figures {
public:
    figures() = default;
    explicit figures(core::metrics& in);

    /// A question that went out, and what came back.
    void count(record_type type, status result, std::chrono::steady_clock::duration took) const;
    /// An answer from the cache.
    void count_hit() const { hits_.add(); }

private:
    static constexpr std::size_t results = 4;
    std::map<record_type, std::array<core::counter, results>> questions_;
    core::counter hits_;
    core::histogram seconds_;
};

}  // namespace postern::dns
