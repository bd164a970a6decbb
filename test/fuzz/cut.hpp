#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// An input in two halves: how the network cut the octets, and the octets themselves.
///
/// The first octet says how many of the following are sizes of pieces, taken in turn (0 means 256); the rest are the octets.
class cut_input {
public:
    cut_input(const std::uint8_t* data, std::size_t size) : all_(reinterpret_cast<const char*>(data), size) {
        if (all_.empty()) return;
        const auto count = static_cast<unsigned char>(all_.front()) % 8U;
        sizes_ = all_.substr(1, count);
        octets_ = all_.substr(1 + sizes_.size());
    }

    [[nodiscard]] std::string_view octets() const { return octets_; }

    /// The size of the next piece, at least 1.
    std::size_t next_size() {
        if (sizes_.empty()) return 1;
        const auto size = static_cast<unsigned char>(sizes_[turn_++ % sizes_.size()]);
        return size == 0 ? 256 : size;
    }

private:
    std::string_view all_;
    std::string_view sizes_;
    std::string_view octets_;
    std::size_t turn_ = 0;
};
