#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/content.hpp"
#include "message/octet_window.hpp"
#include "message/transfer_decoder.hpp"

namespace postern::message {

/// A range of a message as it stands.
class slice_content final : public core::content {
public:
    slice_content(std::shared_ptr<const core::content> message, std::uint64_t begin, std::uint64_t end);

    [[nodiscard]] std::uint64_t size() const override { return end_ - begin_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override;
    [[nodiscard]] std::optional<std::string_view> in_memory() const override;

private:
    std::shared_ptr<const core::content> message_;
    std::uint64_t begin_;
    std::uint64_t end_;
};

/// A range of a message, decoded as it is read; holds one piece of it.
///
/// Reading goes on where the last read ended; to go back means to decode from the beginning. Threads may share one and wait for
/// each other.
class decoded_content final : public core::content {
public:
    /// `size`: what decoded_size gives for the range.
    decoded_content(std::shared_ptr<const core::content> message, encoded_range range, std::uint64_t size);

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override;

private:
    [[nodiscard]] bool decode_up_to(std::uint64_t offset) const;

    std::shared_ptr<const core::content> message_;
    encoded_range range_;
    std::uint64_t size_;
    mutable std::mutex mutex_;  // guards what follows
    mutable octet_window window_;
    mutable transfer_decoder decoder_;
    mutable std::string piece_;
    mutable std::uint64_t piece_begin_ = 0;
};

}  // namespace postern::message
