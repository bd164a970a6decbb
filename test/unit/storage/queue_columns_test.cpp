#include "storage/soci/queue_columns.hpp"

#include "test/catch.hpp"

namespace queue_columns_test {

using namespace postern::storage;

TEST_CASE("what a sender asked of notices is kept in RFC 3461's own words") {
    const auto [notify, words] = GENERATE(table<dsn_notify, std::string>({
        {{}, ""},  // not given
        {{.given = true}, "NEVER"},
        {{.given = true, .success = true}, "SUCCESS"},
        {{.given = true, .failure = true, .delay = true}, "FAILURE,DELAY"},
        {{.given = true, .success = true, .failure = true, .delay = true}, "SUCCESS,FAILURE,DELAY"},
    }));
    REQUIRE(to_column(notify) == words);
    REQUIRE(notify_from_column(words) == notify);
}

TEST_CASE("the words of the outbound half are read as they were written") {
    for (const auto body : {body_kind::seven_bit, body_kind::eight_bit, body_kind::binary}) {
        REQUIRE(body_from_column(to_column(body)) == body);
    }
    for (const auto ret : {dsn_return::unspecified, dsn_return::full, dsn_return::headers}) {
        REQUIRE(ret_from_column(to_column(ret)) == ret);
    }
    for (const auto state : {queue_state::waiting, queue_state::held}) REQUIRE(state_from_column(to_column(state)) == state);
}

}  // namespace queue_columns_test
