#include "message/octet_window.hpp"

#include <algorithm>
#include <span>

namespace postern::message {

octet_window::octet_window(const core::content& source) : source_(source), size_(source.size()) {
    if (const auto memory = source.in_memory()) window_ = *memory;
}

std::string_view octet_window::at(std::uint64_t offset, std::size_t least) {
    if (offset >= size_) return {};
    const auto wanted = std::min<std::uint64_t>(least, size_ - offset);
    const auto window_end = window_begin_ + window_.size();
    if (offset >= window_begin_ && offset + wanted <= window_end) {
        return window_.substr(static_cast<std::size_t>(offset - window_begin_));
    }
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(capacity, size_ - offset)));
    std::size_t have = 0;
    while (have < buffer_.size()) {
        const auto n = source_.read(offset + have, std::span(buffer_).subspan(have));
        if (n == 0) break;
        have += n;
    }
    window_ = std::string_view(buffer_).substr(0, have);
    window_begin_ = offset;
    return window_;
}

std::uint64_t line_end(octet_window& window, std::uint64_t begin) {
    for (auto at = begin; at < window.size();) {
        const auto piece = window.at(at);
        const auto found = piece.find('\n');
        if (found != std::string_view::npos) return at + found + 1;
        at += piece.size();
    }
    return window.size();
}

}  // namespace postern::message
