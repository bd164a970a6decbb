#include "imap/protocol/sequence_set.hpp"

#include <ostream>

#include "parsed.hpp"
#include "test/catch.hpp"

namespace sequence_set_test {

using namespace postern::imap;

namespace {

std::string text_of(const std::vector<sequence_set::range>& ranges) {
    std::string text;
    for (const auto& [from, to] : ranges) text += std::to_string(from) + "-" + std::to_string(to) + " ";
    return text;
}

sequence_set set_of(const std::string& spelled) { return parsed<copy_command>("COPY " + spelled + " x").messages; }

}  // namespace

TEST_CASE("a sequence set is resolved in order and without overlap") {
    struct row {
        std::string spelled;
        std::uint32_t largest;
        std::string resolved;
        std::string why;
    };
    const std::vector<row> rows{
        {"3", 9, "3-3 ", "one"},
        {"2,4:7,9,12:*", 15, "2-2 4-7 9-9 12-15 ", "RFC 9051 section 9"},
        {"*:4,5:7", 10, "4-10 ", "the same section: overlap is one"},
        {"4:2", 9, "2-4 ", "the smaller may be second"},
        {"7,3,5", 9, "3-3 5-5 7-7 ", "in order"},
        {"1:2,3:4", 9, "1-4 ", "what touches is one"},
        {"1:9,3", 9, "1-9 ", "one within another"},
        {"3291:*", 100, "100-3291 ", "the last one is in it even if it is smaller"},
        {"*", 7, "7-7 ", "the last"},
        {"*:*", 7, "7-7 ", "twice"},
        {"50:60", 7, "50-60 ", "beyond the last: whoever asks decides"},
        {"4294967295,4294967294", 7, "4294967294-4294967295 ", "the largest numbers"},
        {"4294967295,1", 7, "1-1 4294967295-4294967295 ", "far apart"},
        {"1:*", 0, "", "an empty mailbox"},
        {"$", 7, "", "what was saved is not here"},
    };
    for (const auto& [spelled, largest, resolved, why] : rows) {
        INFO(why);
        CHECK(text_of(set_of(spelled).resolved(largest)) == resolved);
    }
    CHECK(set_of("$").saved);
    CHECK_FALSE(set_of("1").saved);
}

TEST_CASE("what is no sequence set is refused") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "nothing"},
        {"0", "zero"},
        {"1:0", "zero as an end"},
        {"01", "a zero in front"},
        {"4294967296", "beyond 32 bits"},
        {"18446744073709551617", "beyond 64 bits"},
        {"1,", "a comma too many"},
        {",1", "likewise"},
        {"1:", "half a range"},
        {"1:2:3", "a range of three"},
        {"-1", "a sign"},
        {"$,1", "what was saved stands alone"},
        {"1,$", "likewise"},
        {"1, 2", "a space"},
        {"**", "two stars"},
    };
    for (const auto& [spelled, why] : rows) {
        INFO(why);
        CHECK_FALSE(refused("COPY " + spelled + " x").empty());
    }
}

TEST_CASE("a set of thirty thousand ranges is no trouble") {
    std::string spelled = "9";
    for (int i = 0; i < 30'000; ++i) spelled += ",9";
    CHECK(text_of(set_of(spelled).resolved(9)) == "9-9 ");
}

}  // namespace sequence_set_test
