#include "core/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "test/catch.hpp"

namespace log_test {

using namespace postern::core;

namespace {

/// What `write` leaves on standard error, or on another stream.
template <class F>
std::string captured(F write, int stream = STDERR_FILENO) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const int kept = ::dup(stream);
    ::dup2(ends[1], stream);
    write();
    ::dup2(kept, stream);
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

TEST_CASE("a module has a level of its own, and all of it can change while it is written") {
    const auto text = captured([] {
        const auto log = logger::open({.levels = {{"smtp", log_level::debug}, {"http", log_level::error}}}).value();
        const auto smtp = log.module("smtp");
        log.debug("no1");
        smtp.debug("yes1");
        log.module("http").warning("no2");
        CHECK(log.change({.level = log_level::warning, .format = log_format::json}));
        smtp.info("no3");  // made before the change
        log.module("http").warning("yes2");
    });
    CHECK(text.find("=no") == std::string::npos);
    CHECK(text.find("event=yes1") != std::string::npos);
    CHECK(text.find(R"("event":"yes2"})") != std::string::npos);
}

TEST_CASE("a flood is cut to its bound and counted; mail's own lines and what somebody asked for are not") {
    const auto text = captured([] {
        const auto log = logger::open({.level = log_level::debug, .lines_per_second = 3}).value().module("smtp");
        for (int i = 0; i < 10; ++i) {
            log.info("refused");
            log.record("accepted");
            log.debug("detail");
        }
        log.info("another");  // of another kind
        log.module("http").info("refused");
        const auto second = std::chrono::steady_clock::now() + std::chrono::milliseconds(1001);
        while (std::chrono::steady_clock::now() < second) {
        }
        log.info("another");  // any line tells what was left out before
        log.tell_suppressed();
        log.tell_all_suppressed();  // once is enough
    });
    const auto count = [&](const char* what) {
        std::size_t n = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
        return n;
    };
    CHECK(count("smtp     event=refused") == 3);
    CHECK(count("http     event=refused") == 1);
    CHECK(count("event=accepted") == 10);
    CHECK(count("event=detail") == 10);
    CHECK(count("event=another") == 2);
    CHECK(count("warning smtp     event=\"lines suppressed\" of=refused lines=7") == 1);
}

TEST_CASE("what was left out is told without a further line: when its second is over, or at the end") {
    const auto text = captured([] {
        const auto log = logger::open({.lines_per_second = 1}).value();
        const auto begun = std::chrono::steady_clock::now();
        for (const auto* word : {"first", "first", "first"}) log.info(word);
        log.tell_suppressed();  // of seconds that have passed
        while (std::chrono::steady_clock::now() < begun + std::chrono::milliseconds(1001)) {
        }
        logger(log).tell_suppressed();
        for (const auto* word : {"second", "second"}) log.info(word);
        log.tell_all_suppressed();
    });
    const auto told = [&](const char* line) { return text.find(line) != std::string::npos; };
    CHECK(std::ranges::count(text, '\n') == 4);
    CHECK(told(R"(event="lines suppressed" of=first lines=2)"));
    CHECK(told(R"(event="lines suppressed" of=second lines=1)"));
}

TEST_CASE("the log goes to the stream that is asked for, at once, and what will not be said again whatever the level") {
    std::string said;
    const auto wrong = captured([&] {
        said = captured(
            [] {
                const auto log = logger::open({.level = log_level::off,
                                               .levels = {{"smtp", log_level::debug}},
                                               .output = log_output::standard_output})
                                     .value();
                log.warning("no");
                log.insist("password");
                log.module("smtp").debug("detail");
            },
            STDOUT_FILENO);
    });
    CHECK(wrong.empty());
    CHECK(said.find("warning postern  event=password\n") != std::string::npos);
    CHECK(said.find("debug   smtp     event=detail\n") != std::string::npos);
    CHECK(std::ranges::count(said, '\n') == 2);
}

TEST_CASE("a log file is appended to, and opened anew when it was moved away") {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("postern-log-{}", ::getpid());
    std::filesystem::create_directory(folder);
    const auto read = [&](const char* name) {
        std::ifstream in(folder / name);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const log_options options{.file = folder / "log"};
    const auto said = captured([&] {
        const auto log = logger::open(options).value();
        log.info("first");
        std::filesystem::rename(folder / "log", folder / "log.1");
        log.info("second");  // the rotator has moved it and not yet told us
        CHECK(log.change(options));
        log.info("third");
        const auto failed = log.change({.file = "/dev/null/log"});
        REQUIRE_FALSE(failed);
        CHECK(failed.error().message().find("/dev/null/log") != std::string::npos);
        log.info("fourth");  // where it was
    });
    CHECK(said.empty());
    CHECK(read("log.1").find("event=second") != std::string::npos);
    CHECK(read("log").find("event=third") != std::string::npos);
    CHECK(read("log").find("event=fourth") != std::string::npos);
    CHECK(read("log").find("event=first") == std::string::npos);
    std::filesystem::remove_all(folder);
}

}  // namespace log_test
