#include "account/bounded_table.hpp"

#include <string>

#include "test/catch.hpp"

namespace bounded_table_test {

using postern::account::bounded_table;

TEST_CASE("a full table forgets the entry longest untouched") {
    bounded_table<std::string, int> table(2);
    table.touch("a") = 1;
    table.touch("b") = 2;
    CHECK(table.touch("a") == 1);
    table.touch("c") = 3;
    CHECK(table.size() == 2);
    CHECK(table.find("b") == nullptr);
    REQUIRE(table.find("a") != nullptr);
    CHECK(*table.find("a") == 1);
    CHECK(*table.find("c") == 3);
}

TEST_CASE("an erased entry makes room") {
    bounded_table<std::string, int> table(1);
    table.touch("a") = 1;
    table.erase("a");
    table.erase("never there");
    CHECK(table.size() == 0);
    CHECK(table.touch("a") == 0);
}

}  // namespace bounded_table_test
