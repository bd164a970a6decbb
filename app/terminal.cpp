#include "app/terminal.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

namespace postern::app {

namespace {

constexpr std::size_t max_line = 4096;

volatile std::sig_atomic_t caught = 0;

void remember(int signal) { caught = signal; }

/// Turns the terminal's echo off for its lifetime. While it lives, signals only interrupt the read.
class silence {
public:
    silence() {
        struct sigaction interrupt{};
        interrupt.sa_handler = remember;  // without SA_RESTART: the read ends
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &interrupt, &before_[i]);
        if (tcgetattr(STDIN_FILENO, &shown_) != 0) return;
        auto hidden = shown_;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        hidden.c_lflag |= ECHONL;
        changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
    }
    ~silence() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_);
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
        if (caught != 0) std::raise(caught);
    }
    silence(const silence&) = delete;
    silence& operator=(const silence&) = delete;

private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    std::array<struct sigaction, signals.size()> before_{};
    termios shown_{};
    bool changed_ = false;
};

}  // namespace

bool can_ask() { return isatty(STDIN_FILENO) == 1; }

std::optional<std::string> read_line() {
    std::string line;
    char c = 0;
    for (;;) {
        const auto got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR && caught == 0) continue;
        if (got < 0 || (got == 0 && line.empty())) return std::nullopt;
        if (got == 0 || c == '\n') break;
        if (line.size() == max_line) return std::nullopt;
        line.push_back(c);
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::optional<std::string> ask_hidden(const std::string& question) {
    fmt::print(stderr, "{}: ", question);
    std::fflush(stderr);
    const silence quiet;
    return read_line();
}

}  // namespace postern::app
