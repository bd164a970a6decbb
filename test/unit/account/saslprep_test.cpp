#include "account/sasl/saslprep.hpp"

#include "test/catch.hpp"

namespace saslprep_test {

using postern::account::sasl::saslprep;
using namespace std::string_literals;

TEST_CASE("a name is prepared as in RFC 4013 section 3") {
    const auto [typed, prepared, why] = GENERATE(table<std::string, std::string, std::string>({
        {"I\xC2\xADX", "IX", "SOFT HYPHEN is mapped to nothing"},
        {"user", "user", "no transformation"},
        {"USER", "USER", "case is preserved"},
        {"\xC2\xAA", "a", "output is NFKC"},
        {"\xE2\x85\xA8", "IX", "output is NFKC, and alike"},
        {"a\xC2\xA0\x62", "a b", "a space beyond ASCII becomes a space"},
        {"\xE2\x80\x8B\x61", "a", "ZERO WIDTH SPACE is mapped to nothing"},
        {"u\xCC\x88", "\xC3\xBC", "composed"},
        {"\xD8\xA7\xD8\xA8", "\xD8\xA7\xD8\xA8", "right to left throughout"},
        {"\xD8\xA7\x31\xD8\xA8", "\xD8\xA7\x31\xD8\xA8", "a digit within is of no direction"},
        {"\xF0\x9F\xAB\xA0", "\xF0\x9F\xAB\xA0", "not assigned in Unicode 3.2: queries may"},
    }));
    CAPTURE(typed, why);
    CHECK(saslprep(typed) == prepared);
}

TEST_CASE("what cannot be a name is refused") {
    const auto [typed, why] = GENERATE(table<std::string, std::string>({
        {"", "nothing"},
        {"\xC2\xAD", "nothing is left"},
        {"\x07", "RFC 4013 section 3: prohibited"},
        {"\xD8\xA7\x31", "RFC 4013 section 3: directions"},
        {"\xD8\xA7\x61\xD8\xA8", "left to right within right to left"},
        {"a\0b"s, "NUL"},
        {"a\x7F", "DEL"},
        {"a\xC2\x85", "a control character beyond ASCII"},
        {"a\xE2\x80\xAE", "changes how what follows is shown"},
        {"a\xEE\x80\x80", "private use"},
        {"a\xEF\xBF\xBE", "no character"},
        {"a\xEF\xBF\xBD", "the replacement character"},
        {"a\xF3\xA0\x81\x81", "a tag"},
        {"\xFF", "no UTF-8"},
        {"\xED\xA0\x80", "a surrogate"},
    }));
    CAPTURE(typed, why);
    CHECK_FALSE(saslprep(typed));
}

}  // namespace saslprep_test
