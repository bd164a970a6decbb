#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "net/awaitable.hpp"

namespace postern::http {

/// A response's body that is made while it is sent, so that no more than a piece of it is ever held.
class body_source {
public:
    virtual ~body_source() = default;

    /// Octets in all: the Content-Length.
    [[nodiscard]] virtual std::uint64_t size() const = 0;

    /// Leaves `count` octets from `first` on of it, before the first next(). False: it can only be had whole.
    virtual bool narrow(std::uint64_t first, std::uint64_t count) {
        static_cast<void>(first);
        static_cast<void>(count);
        return false;
    }

    /// The next piece, empty after the last. Throws when the medium fails: the connection is then broken off, since a
    /// short body under a full Content-Length is the only way left to say so.
    virtual net::awaitable<std::string> next() = 0;
};

/// Octets of a piece: large enough for few turns between loop and pool, small enough for a thousand slow readers.
inline constexpr std::size_t body_piece = 64UL * 1024;

}  // namespace postern::http
