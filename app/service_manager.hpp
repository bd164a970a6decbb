#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "net/inherited_sockets.hpp"

namespace postern::app {

/// What systemd, or whoever speaks its language, wants to know of a service and gives to it: sd_notify(3),
/// sd_watchdog_enabled(3) and sd_listen_fds(3), which are a datagram and five environment variables. Without them everything
/// here does nothing.
class service_manager {
public:
    /// Reads the environment.
    service_manager();
    ~service_manager();
    service_manager(const service_manager&) = delete;
    service_manager& operator=(const service_manager&) = delete;

    /// "READY=1", "STATUS=...": lines of assignments. Never waits; what cannot be sent is not sent.
    void tell(std::string_view assignments) const;

    /// "RELOADING=1" with the time that Type=notify-reload asks for.
    void tell_reloading() const;

    /// How often to say WATCHDOG=1: a third of the time after which we are taken for dead.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_pause() const noexcept { return watchdog_pause_; }

    /// The listening sockets that were opened for us (socket activation) go to `into`. At most once.
    [[nodiscard]] static core::result<void> take_sockets(net::inherited_sockets& into);

private:
    std::string address_;  // of the socket; a zero octet in front for one without a file
    int socket_ = -1;
    std::optional<std::chrono::microseconds> watchdog_pause_;
};

}  // namespace postern::app
