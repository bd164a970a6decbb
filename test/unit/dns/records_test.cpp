#include "dns/records.hpp"

#include "test/catch.hpp"

namespace records_test {

using namespace postern::dns;

TEST_CASE("text from the network cannot break out of its line") {
    CHECK(to_text(txt_record{"a\"b\\c\n\xff"}) == R"("a\"b\\c\010\255")");
}

TEST_CASE("record types have their names") {
    CHECK(name_of(record_type::aaaa) == "AAAA");
    CHECK(name_of(record_type::tlsa) == "TLSA");
}

}  // namespace records_test
