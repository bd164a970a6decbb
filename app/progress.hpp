#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace postern::app {

/// A bar on standard error while something long is done, where that is a terminal; else nothing at all.
class progress {
public:
    explicit progress(std::string what);
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    /// Drawn a few times a second at most, however often it is told.
    void show(std::uint64_t done, std::uint64_t all);
    /// Before something else is written there; the bar comes back with the next show().
    void clear();

private:
    std::string what_;
    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace postern::app
