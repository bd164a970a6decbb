#pragma once

#include <string>

#include "net/awaitable.hpp"

namespace postern::http {

/// A response's body that goes on as long as client and server like: each piece is sent as soon as it is there.
class live_source {
public:
    virtual ~live_source() = default;

    /// The next piece; waits until there is one. Empty: the end. Must give something every half minute or so: it is how one
    /// learns that the client is gone.
    virtual net::awaitable<std::string> next() = 0;

    /// The server stops: next() ends soon. Loop thread.
    virtual void end() = 0;
};

}  // namespace postern::http
