#pragma once

#include <optional>
#include <vector>

#include "core/result.hpp"
#include "net/stream.hpp"

namespace postern::net {

/// Listening TCP sockets that were there before us: systemd's, or those of the server this one takes over from. Who connects to
/// them waits in the kernel, whichever process comes to accept. What nobody takes is closed.
class inherited_sockets {
public:
    inherited_sockets() = default;
    ~inherited_sockets();
    inherited_sockets(const inherited_sockets&) = delete;
    inherited_sockets& operator=(const inherited_sockets&) = delete;

    /// Owns `descriptor` from here on. cannot_listen where it is no listening TCP socket; then it is closed.
    [[nodiscard]] core::result<void> add(int descriptor);

    /// The socket at this very endpoint, now the caller's.
    [[nodiscard]] std::optional<int> take(const tcp_endpoint& at);

    /// Where those are that nobody took.
    [[nodiscard]] std::vector<tcp_endpoint> left() const;

private:
    struct socket {
        int descriptor;
        tcp_endpoint at;
    };
    std::vector<socket> sockets_;
};

}  // namespace postern::net
