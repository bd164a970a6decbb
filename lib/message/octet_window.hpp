#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/content.hpp"

namespace postern::message {

/// Looks at content anywhere, a piece at a time: straight into memory where the content lies there, else through one buffer.
class octet_window {
public:
    /// The most that at() can be asked for.
    static constexpr std::size_t capacity = 64UL * 1024;

    /// `source` must outlive this.
    explicit octet_window(const core::content& source);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// The octets from `offset` on: at least `least`, fewer only where the content ends, more where they are at hand. Empty at
    /// the end. Valid until the next call. Throws what reading the content throws.
    [[nodiscard]] std::string_view at(std::uint64_t offset, std::size_t least = 1);

private:
    const core::content& source_;
    std::uint64_t size_;
    std::string buffer_;
    std::string_view window_;  // the content's own memory or what is filled of buffer_
    std::uint64_t window_begin_ = 0;
};

/// Where the line that begins at `begin` ends, its break included.
[[nodiscard]] std::uint64_t line_end(octet_window& window, std::uint64_t begin);

}  // namespace postern::message
