#include "core/content.hpp"

#include "test/catch.hpp"

namespace content_test {

using namespace postern::core;
using namespace std::string_literals;

namespace {

std::string read_in_pieces(const content& c, std::size_t piece) {
    std::string all;
    std::string buffer(piece, '\0');
    for (;;) {
        const auto n = c.read(all.size(), buffer);
        all.append(buffer, 0, n);
        if (n < piece) return all;
    }
}

}  // namespace

TEST_CASE("content reads the same in pieces of any size") {
    const auto rest = std::make_shared<memory_content>("body\0with a NUL"s);
    const prefixed_content whole("Trace: yes\r\n", rest);
    const auto expected = "Trace: yes\r\nbody\0with a NUL"s;
    const auto piece =
        GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{12}, std::size_t{13}, std::size_t{1000});
    CHECK(read_in_pieces(whole, piece) == expected);
    CHECK(whole.size() == expected.size());
    CHECK(read_all(whole) == expected);
}

TEST_CASE("reading past the end gives nothing") {
    const memory_content c("abc");
    std::string buffer(4, '\0');
    CHECK(c.read(3, buffer) == 0);
    CHECK(c.read(~std::uint64_t{0}, buffer) == 0);
    CHECK(prefixed_content("x", std::make_shared<memory_content>("")).read(1, buffer) == 0);
}

TEST_CASE("only content in memory offers a view") {
    const auto memory = std::make_shared<memory_content>("abc");
    CHECK(memory->in_memory() == "abc");
    CHECK_FALSE(prefixed_content("x", memory).in_memory());
}

}  // namespace content_test
