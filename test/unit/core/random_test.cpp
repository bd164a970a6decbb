#include "core/random.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "test/catch.hpp"

namespace random_test {

using namespace postern::core;

namespace {

/// Counts up, so that what is made of it is known.
class counting final : public random_source {
public:
    void fill(std::span<std::byte> out) override {
        for (auto& b : out) b = std::byte{next_++};
    }

private:
    unsigned char next_ = 0;
};

}  // namespace

TEST_CASE("random text uses each of its 32 letters for the same share of octets") {
    counting source;
    const auto text = random_text(source, 256);
    for (const char c : std::string("abcdefghijklmnopqrstuvwxyz234567")) CHECK(std::ranges::count(text, c) == 8);
}

TEST_CASE("the kernel's generator does not repeat itself") {
    system_random source;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.insert(random_text(source, 20));
    CHECK(seen.size() == 100);
}

}  // namespace random_test
