#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/content.hpp"

namespace postern::message {

/// A stretch of other content, as content: a message within a message.
class content_range final : public core::content {
public:
    /// `whole` outlives this.
    content_range(const core::content& whole, std::uint64_t begin, std::uint64_t end)
        : whole_(whole), begin_(begin), size_(end - begin) {}

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        if (offset >= size_) return 0;
        return whole_.read(begin_ + offset,
                           into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset))));
    }
    [[nodiscard]] std::optional<std::string_view> in_memory() const override {
        const auto all = whole_.in_memory();
        if (!all) return std::nullopt;
        return all->substr(static_cast<std::size_t>(begin_), static_cast<std::size_t>(size_));
    }

private:
    const core::content& whole_;
    std::uint64_t begin_;
    std::uint64_t size_;
};

}  // namespace postern::message
