#include "core/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "test/catch.hpp"

using namespace postern::core;

namespace {

/// What `write` leaves on standard error.
template <class F>
std::string captured(F write) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const int kept = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    write();
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    ::close(ends[1]);
    std::string text(8192, '\0');
    const auto n = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
}

}  // namespace

TEST_CASE("a remote cannot forge a log line") {
    const auto text = captured([] {
        const logger log(log_level::info, log_format::text);
        log.module("smtp").info("refused", {{"helo", "a\r\n2026 error smtp event=forged"}, {"quote", "x\"y"}, {"n", 5}});
    });
    CHECK(std::ranges::count(text, '\n') == 1);
    CHECK(text.find(R"(helo="a\u000d\u000a2026 error smtp event=forged" quote="x\"y" n=5)") != std::string::npos);
    CHECK(text.find("info    smtp     event=refused") != std::string::npos);
}

TEST_CASE("a JSON line is JSON whatever the octets") {
    const auto text = captured([] {
        const logger log(log_level::info, log_format::json);
        log.info("refused", {{"helo", "\xff\\\"\x01"}});
    });
    CHECK(text.find(R"("level":"info","module":"postern","event":"refused","helo":")"
                    "\xef\xbf\xbd"
                    R"(\\\"\u0001"})") != std::string::npos);
}

TEST_CASE("lines below the level are not written") {
    const auto text = captured([] {
        const logger log(log_level::warning, log_format::text);
        log.info("no");
        log.warning("yes");
    });
    CHECK(text.find("event=no") == std::string::npos);
    CHECK(text.find("event=yes") != std::string::npos);
}

TEST_CASE("a default-made logger is silent") {
    CHECK(captured([] { logger{}.error("nothing"); }).empty());
    CHECK_FALSE(logger{}.writes(log_level::critical));
}
