#include "queue/lease_book.hpp"

#include <algorithm>

#include "test/catch.hpp"

namespace lease_book_test {

using namespace postern;
using namespace std::chrono_literals;
using storage::queue_id;

TEST_CASE("a lease is ours until its time is up, unless it is renewed") {
    constexpr core::timestamp now{std::chrono::seconds(1'000'000)};
    queue::lease_book book;
    book.add({1}, now + 10s);
    book.add({2}, now + 20s);
    CHECK(book.holds({1}, now));
    CHECK_FALSE(book.holds({1}, now + 10s));
    CHECK_FALSE(book.holds({3}, now));
    CHECK(book.ending(now + 15s) == std::vector<queue_id>{{1}});
    book.renewed(std::vector<queue_id>{{1}}, std::vector<queue_id>{{1}}, now + 60s);
    CHECK(book.holds({1}, now + 30s));
    CHECK(book.ending(now + 15s).empty());
}

TEST_CASE("what a renewal does not give back is lost, but for what was concluded meanwhile") {
    constexpr core::timestamp now{std::chrono::seconds(1'000'000)};
    queue::lease_book book;
    for (const std::int64_t id : {1, 2, 3}) book.add({id}, now + 10s);
    const std::vector<queue_id> asked{{1}, {2}, {3}};
    book.remove({2});  // concluded while the database was asked
    book.renewed(asked, std::vector<queue_id>{{1}, {2}}, now + 60s);
    CHECK(book.holds({1}, now));
    CHECK_FALSE(book.holds({2}, now));
    CHECK_FALSE(book.holds({3}, now));
    CHECK(book.size() == 1);
}

}  // namespace lease_book_test
