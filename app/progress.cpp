#include "app/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace postern::app {

namespace {

constexpr std::size_t bar_width = 40;
constexpr std::chrono::milliseconds between{200};

}  // namespace

progress::progress(std::string what) : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1) {}

progress::~progress() { clear(); }

void progress::show(std::uint64_t done, std::uint64_t all) {
    if (!terminal_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + between;
    const auto share = all == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
    const auto full = static_cast<std::size_t>(share * bar_width);
    fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {:3.0f} %", what_, "", full, "", bar_width - full, share * 100);
    std::fflush(stderr);
    shown_ = true;
}

void progress::clear() {
    if (!std::exchange(shown_, false)) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    next_ = {};
}

}  // namespace postern::app
