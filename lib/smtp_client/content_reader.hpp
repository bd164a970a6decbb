#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "smtp_client/envelope.hpp"

namespace postern::smtp_client {

/// A message's octets in pieces, read by the pool where they do not lie in memory; at most one piece is held.
class content_reader {
public:
    static constexpr std::size_t piece_size = 64UL * 1024;

    /// Both outlive the reader.
    content_reader(const outgoing& message, net::blocking_pool& workers) : message_(message), workers_(workers) {}

    /// Octets that have not been given yet.
    [[nodiscard]] std::uint64_t left() const { return message_.size() - given_; }

    /// The next piece, valid until the next call: piece_size octets, or `most`, or what is left. An error says why the medium
    /// does not give what it promised: a message that is cut short must never be ended as if it were whole.
    net::awaitable<std::expected<std::string_view, std::string>> next(std::size_t most = piece_size);

private:
    const outgoing& message_;
    net::blocking_pool& workers_;
    std::string piece_;
    std::uint64_t given_ = 0;
};

}  // namespace postern::smtp_client
