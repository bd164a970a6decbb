#include <atomic>

#include <sanitizer/allocator_interface.h>

#include "relaying.hpp"
#include "test/catch.hpp"

namespace large_message_test {

using namespace postern;
using namespace postern::test;
using strings = std::vector<std::string>;

namespace {

/// Fifty megabytes that lie nowhere: lines of text, some with a dot in front, made when they are read. Notes how much memory
/// the process has at most while it is read.
class made_up_content final : public core::content {
public:
    static constexpr std::string_view line = ".The quick brown fox jumps over the lazy dog, again and again, and on.\r\n";
    static constexpr std::uint64_t lines = 50'000'000 / line.size();

    [[nodiscard]] std::uint64_t size() const override { return lines * line.size(); }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        most_memory = std::max(most_memory.load(), __sanitizer_get_current_allocated_bytes());
        std::size_t filled = 0;
        while (filled < into.size() && offset < size()) {
            const auto within = static_cast<std::size_t>(offset % line.size());
            const auto n = line.substr(within).copy(into.data() + filled, into.size() - filled);
            filled += n;
            offset += n;
        }
        return filled;
    }

    mutable std::atomic<std::size_t> most_memory = 0;
};

}  // namespace

TEST_CASE_METHOD(relaying, "a message of fifty megabytes takes little memory") {
    for (const auto* offered : {"PIPELINING", "PIPELINING CHUNKING"}) {
        server.extensions = offered;
        server.keeps_octets = false;
        const auto large = std::make_shared<made_up_content>();
        const auto s = make_session();
        REQUIRE(open(*s));
        const auto before = __sanitizer_get_current_allocated_bytes();
        CHECK(told(send(*s, {large, 0})) == strings{"delivered 2.6.0", "delivered 2.6.0", "delivered 2.6.0"});
        REQUIRE(server.messages.size() == 1);
        CHECK(server.messages.back().size == large->size());
        CHECK(large->most_memory - before < 1'000'000);
        server.messages.clear();
    }
}

}  // namespace large_message_test
