#include "message/decoded_content.hpp"

#include <algorithm>
#include <utility>

namespace postern::message {

slice_content::slice_content(std::shared_ptr<const core::content> message, std::uint64_t begin, std::uint64_t end)
    : message_(std::move(message)), begin_(begin), end_(end) {}

std::size_t slice_content::read(std::uint64_t offset, std::span<char> into) const {
    if (offset >= size()) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size() - offset));
    return message_->read(begin_ + offset, into.first(wanted));
}

std::optional<std::string_view> slice_content::in_memory() const {
    const auto whole = message_->in_memory();
    if (!whole) return std::nullopt;
    return whole->substr(static_cast<std::size_t>(begin_), static_cast<std::size_t>(size()));
}

decoded_content::decoded_content(std::shared_ptr<const core::content> message, encoded_range range, std::uint64_t size)
    : message_(std::move(message)), range_(range), size_(size), window_(*message_), decoder_(range) {}

/// Decodes until the piece at hand holds `offset`; false when the range ends before.
bool decoded_content::decode_up_to(std::uint64_t offset) const {
    if (offset < piece_begin_) {
        decoder_ = transfer_decoder(range_);
        piece_.clear();
        piece_begin_ = 0;
    }
    while (offset >= piece_begin_ + piece_.size()) {
        piece_begin_ += piece_.size();
        piece_.clear();
        if (!decoder_.next(window_, piece_)) return false;
    }
    return true;
}

std::size_t decoded_content::read(std::uint64_t offset, std::span<char> into) const {
    const std::lock_guard lock(mutex_);
    std::size_t copied = 0;
    while (copied < into.size() && decode_up_to(offset + copied)) {
        const auto from = std::string_view(piece_).substr(static_cast<std::size_t>(offset + copied - piece_begin_));
        const auto taken = from.substr(0, into.size() - copied);
        std::ranges::copy(taken, into.begin() + static_cast<std::ptrdiff_t>(copied));
        copied += taken.size();
    }
    return copied;
}

}  // namespace postern::message
