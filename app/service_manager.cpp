#include "app/service_manager.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace postern::app {

namespace {

constexpr int first_socket = 3;  // SD_LISTEN_FDS_START
constexpr int most_sockets_given = 256;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::optional<long long> number(const std::string& text) {
    long long value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Whether the variable names this process; a child that inherited the environment is not meant.
bool is_us(const char* name, bool when_unset) {
    const auto text = variable(name);
    return text.empty() ? when_unset : number(text) == getpid();
}

}  // namespace

service_manager::service_manager() : address_(variable("NOTIFY_SOCKET")) {
    const auto time = number(variable("WATCHDOG_USEC"));
    if (time.value_or(0) > 0 && is_us("WATCHDOG_PID", true)) watchdog_pause_ = std::chrono::microseconds(*time / 3);
    if (address_.empty()) return;
    if (address_.front() == '@') address_.front() = '\0';
    if (address_.size() < sizeof(sockaddr_un::sun_path)) socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

service_manager::~service_manager() {
    if (socket_ >= 0) ::close(socket_);
}

void service_manager::tell(std::string_view assignments) const {
    if (socket_ < 0) return;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    ::sendto(socket_, assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&to),
             size);
}

void service_manager::tell_reloading() const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", (now.tv_sec * 1'000'000LL) + (now.tv_nsec / 1000)));
}

core::result<void> service_manager::take_sockets(net::inherited_sockets& into) {
    const auto count = number(variable("LISTEN_FDS"));
    if (!count || !is_us("LISTEN_PID", false)) return {};
    for (int i = 0; i < std::min<long long>(*count, most_sockets_given); ++i)
        if (auto added = into.add(first_socket + i); !added) return added;
    return {};
}

}  // namespace postern::app
