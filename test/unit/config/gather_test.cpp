#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "config/load.hpp"
#include "test/catch.hpp"

namespace gather_test {

using namespace postern::config;

namespace {

/// A variable of this process for as long as a test lasts.
class variable {
public:
    variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
    ~variable() { unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
};

struct folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("postern_gather_{}", getpid());
    folder() { std::filesystem::create_directory(path); }
    ~folder() { std::filesystem::remove_all(path); }
    std::string write(const char* name, const char* text) const {
        std::ofstream(path / name) << text;
        return (path / name).string();
    }
};

}  // namespace

TEST_CASE("the environment is gathered as far as it is ours") {
    const variable ours("POSTERN_LOG_LEVEL", "debug");
    const variable other("UNRELATED", "x");
    const auto found = gather(std::nullopt, {{"log.format", "json"}});
    REQUIRE(found);
    CHECK(std::ranges::count(found->environment, std::pair<std::string, std::string>("POSTERN_LOG_LEVEL", "debug")) == 1);
    CHECK(std::ranges::none_of(found->environment, [](const auto& v) { return v.first == "UNRELATED"; }));
    CHECK(found->options.size() == 1);
    CHECK_FALSE(found->machine_name().empty());
}

TEST_CASE("the file is the option's, else the variable's") {
    const folder temporary;
    const auto by_option = temporary.write("option.conf", "[log]\nlevel = debug\n");
    const auto by_variable = temporary.write("variable.conf", "[log]\nlevel = error\n");
    const variable config("POSTERN_CONFIG", by_variable);
    CHECK(gather(by_option, {})->file_text == "[log]\nlevel = debug\n");
    CHECK(gather(std::nullopt, {})->file_name == by_variable);
    auto found = *gather(std::nullopt, {});
    found.environment.clear();  // whatever else the machine has set
    const auto loaded = load(found);
    REQUIRE(loaded);
    CHECK(loaded->values.log.level == postern::core::log_level::error);
}

TEST_CASE("a file that is named must be there") {
    const folder temporary;
    const auto missing = (temporary.path / "missing.conf").string();
    CHECK(gather(missing, {}).error().text == missing + ": No such file or directory");
}

}  // namespace gather_test
