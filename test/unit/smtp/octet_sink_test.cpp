#include "smtp/octet_sink.hpp"

#include "test/catch.hpp"

namespace octet_sink_test {

using namespace postern::smtp;

TEST_CASE("a limited sink keeps up to its limit and counts the rest") {
    string_sink kept;
    limited_sink sink(kept, 5);
    sink.append("abc");
    sink.append("de");
    CHECK_FALSE(sink.exceeded());
    sink.append("f");
    CHECK(sink.exceeded());
    sink.append("ghi");
    CHECK(sink.seen() == 9);
    CHECK(kept.octets() == "abcde");
}

TEST_CASE("a slice that crosses the limit is kept up to it") {
    string_sink kept;
    limited_sink sink(kept, 5);
    sink.append("abcdefgh");
    CHECK(sink.exceeded());
    CHECK(kept.octets() == "abcde");
}

}  // namespace octet_sink_test
