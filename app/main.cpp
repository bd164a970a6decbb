#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/command.hpp"

int main(int argc, char** argv) {
    using postern::app::exit_code;
    // A peer or a pager that has gone is told by the write that fails.
    std::signal(SIGPIPE, SIG_IGN);
    auto code = exit_code::refused;
    try {
        code = postern::app::run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& failure) {
        fmt::print(stderr, "postern: {}\n", failure.what());
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        std::fputs("postern: standard output could not be written\n", stderr);
        if (code == exit_code::done) code = exit_code::refused;
    }
    return static_cast<int>(code);
}
