#include "app/terminal.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

namespace postern::app {

namespace {

constexpr std::size_t max_line = 4096;

volatile std::sig_atomic_t caught = 0;
volatile std::sig_atomic_t wake_up = -1;  // an eventfd while somebody waits

void remember(int signal) {
    const int before = errno;
    caught = signal;
    constexpr std::uint64_t one = 1;
    // Any thread may get the signal, so it does not interrupt the one that waits: this wakes it.
    [[maybe_unused]] const auto written = write(wake_up, &one, sizeof one);
    errno = before;
}

/// Turns the terminal's echo off for its lifetime. While it lives, the signals that end a program only end the wait; they take
/// effect when the terminal is as it was.
class silence {
public:
    silence() {
        wake_up = eventfd(0, EFD_CLOEXEC);
        struct sigaction interrupt{};
        interrupt.sa_handler = remember;
        interrupt.sa_flags = SA_RESTART;
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &interrupt, &before_[i]);
        if (tcgetattr(STDIN_FILENO, &shown_) != 0) return;
        auto hidden = shown_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        hidden.c_lflag |= ECHONL;
        changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
    }
    ~silence() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSANOW, &shown_);
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
        close(wake_up);
        if (caught != 0) std::raise(caught);
    }
    silence(const silence&) = delete;
    silence& operator=(const silence&) = delete;

    /// Until there is input: true; or a signal: false.
    [[nodiscard]] static bool wait() {
        std::array<pollfd, 2> either{{{STDIN_FILENO, POLLIN, 0}, {wake_up, POLLIN, 0}}};
        while (caught == 0) {
            if (poll(either.data(), either.size(), -1) > 0 && either[0].revents != 0) return true;
        }
        return false;
    }

private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    std::array<struct sigaction, signals.size()> before_{};
    termios shown_{};
    bool changed_ = false;
};

/// The next line, each octet once `ready` says that one can be read.
template <class Ready>
std::optional<std::string> read_line_when(Ready ready) {
    std::string line;
    char c = 0;
    for (;;) {
        if (!ready()) return std::nullopt;
        const auto got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 || (got == 0 && line.empty())) return std::nullopt;
        if (got == 0 || c == '\n') break;
        if (line.size() == max_line) return std::nullopt;
        line.push_back(c);
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

bool can_ask() { return isatty(STDIN_FILENO) == 1; }

std::optional<std::string> read_line() {
    return read_line_when([] { return true; });
}

std::optional<std::string> ask_hidden(const std::string& question) {
    fmt::print(stderr, "{}: ", question);
    std::fflush(stderr);
    const silence quiet;
    return read_line_when(silence::wait);
}

}  // namespace postern::app
