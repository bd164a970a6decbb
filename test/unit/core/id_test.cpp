#include "core/id.hpp"

#include "test/catch.hpp"

namespace id_test {

using namespace postern::core;

TEST_CASE("an id is read back exactly as it is written") {
    CHECK(parse_id<message_id>("1") == message_id{1});
    CHECK(parse_id<message_id>("9223372036854775807") == message_id{9223372036854775807});
    CHECK(to_string(message_id{42}) == "42");
}

TEST_CASE("what is not an id is refused") {
    const char* text = GENERATE("",                       // nothing
                                "0",                      // no row has it
                                "007",                    // one spelling per id
                                "-1", "+1",               // no sign
                                "1 ", " 1", "1x", "0x1",  // nothing around it
                                "9223372036854775808",    // more than 63 bits
                                "99999999999999999999999999");
    CAPTURE(text);
    CHECK_FALSE(parse_id<message_id>(text));
}

}  // namespace id_test
