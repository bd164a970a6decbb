#include "storage/soci/json_columns.hpp"

#include "storage/soci/database_error.hpp"
#include "test/catch.hpp"

namespace json_columns_test {

using namespace postern;
using namespace postern::storage;

TEST_CASE("list columns come back as they were written") {
    const std::vector<message::mailbox_address> addresses = {
        {"Zoë \"Z\" \\ <b>", "zoe@example.test"}, {"", "bare@example.test"}, {"nobody", ""}, {"漢字 🙂", "x@xn--p1ai"}};
    CHECK(addresses_from_json(to_json(addresses)) == addresses);
    CHECK(addresses_from_json(to_json(std::vector<message::mailbox_address>{})).empty());

    const std::vector<std::string> texts = {"a@b", "with \"quotes\"", "back\\slash", ""};
    CHECK(texts_from_json(to_json(texts)) == texts);
}

TEST_CASE("a list column that we did not write is a failure, not an empty list") {
    const auto json = GENERATE(as<std::string>{}, "", "null", "{}", "[1]", "[\"a\"", "[{\"name\":\"x\"}]", "\"text\"");
    INFO(json);
    CHECK_THROWS_AS(addresses_from_json(json), database_error);
    if (json != "[{\"name\":\"x\"}]") CHECK_THROWS_AS(texts_from_json(json), database_error);
}

}  // namespace json_columns_test
