#include "net/inherited_sockets.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postern::net {

namespace {

/// Of a socket that listens for TCP.
std::optional<tcp_endpoint> endpoint_of(int descriptor) {
    const auto number = [descriptor](int option) {
        int value = 0;
        socklen_t size = sizeof value;
        return getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
    };
    if (number(SO_ACCEPTCONN) != 1 || number(SO_PROTOCOL) != IPPROTO_TCP) return std::nullopt;
    tcp_endpoint at;
    socklen_t size = static_cast<socklen_t>(at.capacity());
    if (getsockname(descriptor, at.data(), &size) != 0) return std::nullopt;
    at.resize(size);
    return at;
}

}  // namespace

inherited_sockets::~inherited_sockets() {
    for (const auto& each : sockets_) ::close(each.descriptor);
}

core::result<void> inherited_sockets::add(int descriptor) {
    const auto at = endpoint_of(descriptor);
    if (!at) {
        ::close(descriptor);
        return core::fail(errc::cannot_listen, "what was handed over is no listening TCP socket");
    }
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    sockets_.push_back({descriptor, *at});
    return {};
}

std::optional<int> inherited_sockets::take(const tcp_endpoint& at) {
    const auto found = std::ranges::find(sockets_, at, &socket::at);
    if (found == sockets_.end()) return std::nullopt;
    const auto descriptor = found->descriptor;
    sockets_.erase(found);
    return descriptor;
}

std::vector<tcp_endpoint> inherited_sockets::left() const {
    std::vector<tcp_endpoint> all;
    for (const auto& each : sockets_) all.push_back(each.at);
    return all;
}

}  // namespace postern::net
