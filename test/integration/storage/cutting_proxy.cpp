#include "cutting_proxy.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <libpq-fe.h>

namespace postern::test {
namespace {

void require(bool done) {
    if (!done) throw std::runtime_error(std::strerror(errno));
}

int connect_to(const std::string& host, const std::string& port) {
    if (host.starts_with('/')) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto path = host + "/.s.PGSQL." + port;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const int made = socket(AF_UNIX, SOCK_STREAM, 0);
        require(connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        return made;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) throw std::runtime_error("no address for " + host);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
    const int made = socket(found->ai_family, SOCK_STREAM, 0);
    require(connect(made, found->ai_addr, found->ai_addrlen) == 0);
    return made;
}

/// A prepared statement of that name being bound, or the command itself.
bool holds_commit(std::string_view octets) {
    return octets.find(std::string_view("\0commit\0", 8)) != std::string_view::npos ||
           octets.find("COMMIT") != std::string_view::npos;
}

void send_all(int to, std::string_view octets) {
    while (!octets.empty()) {
        const auto sent = send(to, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

cutting_proxy::cutting_proxy(const std::string& postgresql_url) {
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
        PQconninfoParse(postgresql_url.c_str(), nullptr), PQconninfoFree);
    if (!options) throw std::runtime_error("the URL is libpq's to read");
    server_host_ = "/var/run/postgresql";
    server_port_ = "5432";
    for (const auto* o = options.get(); o->keyword != nullptr; ++o) {
        if (o->val != nullptr && std::string_view(o->keyword) == "host") server_host_ = o->val;
        if (o->val != nullptr && std::string_view(o->keyword) == "port") server_port_ = o->val;
    }
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(listener_, 16) == 0);
    socklen_t size = sizeof address;
    require(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url_ = postgresql_url + (postgresql_url.find('?') == std::string::npos ? '?' : '&') +
           "host=127.0.0.1&hostaddr=127.0.0.1&sslmode=disable&port=" + std::to_string(ntohs(address.sin_port));
    bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    require(bell_ >= 0);
    acceptor_ = std::thread([this] { accept(); });
}

cutting_proxy::~cutting_proxy() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (const int s : sockets_) shutdown(s, SHUT_RDWR);
    for (auto& relay : relays_) relay.join();
    for (const int s : sockets_) close(s);
    close(listener_);
    close(bell_);
}

void cutting_proxy::wait_for_answer() {
    std::unique_lock lock(mutex_);
    held_.wait(lock, [this] { return holding_; });
}

void cutting_proxy::let_go() { require(eventfd_write(bell_, 1) == 0); }

void cutting_proxy::accept() {
    for (;;) {
        const int client = ::accept(listener_, nullptr, nullptr);
        if (client < 0) return;
        const std::lock_guard lock(mutex_);
        sockets_.push_back(client);
        relays_.emplace_back([this, client] { relay(client); });
    }
}

void cutting_proxy::relay(int client) {
    const int server = connect_to(server_host_, server_port_);
    {
        const std::lock_guard lock(mutex_);
        sockets_.push_back(server);
    }
    std::array<char, 65536> buffer{};
    auto doing = cut::never;
    std::string tail;  // of what the client sent: COMMIT may be cut in two
    std::string kept;  // of what the server answered
    for (;;) {
        const int bell = doing == cut::held ? bell_ : -1;
        std::array<pollfd, 3> all{{{client, POLLIN, 0}, {server, POLLIN, 0}, {bell, POLLIN, 0}}};
        if (poll(all.data(), all.size(), -1) < 0) break;
        if (eventfd_t rung = 0; all[2].revents != 0 && eventfd_read(bell_, &rung) == 0) {
            doing = cut::never;
            send_all(client, std::exchange(kept, {}));
            continue;
        }
        const bool from_client = all[0].revents != 0;
        const auto got = recv(from_client ? client : server, buffer.data(), buffer.size(), 0);
        if (got <= 0) break;
        const std::string_view octets(buffer.data(), static_cast<std::size_t>(got));
        if (!from_client) {
            if (doing == cut::never) {
                send_all(client, octets);
                continue;
            }
            kept += octets;
            if (kept.find("COMMIT") == std::string::npos) continue;
            if (doing == cut::after_commit) break;
            const std::lock_guard lock(mutex_);
            holding_ = true;
            held_.notify_all();
            continue;
        }
        tail += octets;
        const bool commit = holds_commit(tail);
        tail.erase(0, tail.size() - std::min<std::size_t>(tail.size(), commit ? 0 : 7));
        if (const auto how = commit ? how_.exchange(cut::never) : cut::never; how != cut::never) doing = how;
        if (doing == cut::before_commit) break;
        send_all(server, octets);
    }
    shutdown(client, SHUT_RDWR);
    shutdown(server, SHUT_RDWR);
}

}  // namespace postern::test
