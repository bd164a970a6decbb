#include "queue/message_round.hpp"

#include "test/catch.hpp"

namespace message_round_test {

using namespace postern;

TEST_CASE("what falls due while others of its message are on their way joins them") {
    queue::open_rounds rounds;
    const auto octets = std::make_shared<core::memory_content>("x");
    auto first = rounds.join(storage::message_id{1}, octets);
    CHECK(first->message == storage::message_id{1});
    CHECK(first->octets == octets);
    CHECK(rounds.join(storage::message_id{1}, nullptr) == first);
    CHECK(rounds.join(storage::message_id{2}, nullptr) != first);
    first->reporter_waits = true;
    first.reset();
    CHECK_FALSE(rounds.join(storage::message_id{1}, nullptr)->reporter_waits);
}

TEST_CASE("a round may outlive the book it stands in") {
    auto rounds = std::make_unique<queue::open_rounds>();
    const auto round = rounds->join(storage::message_id{1}, nullptr);
    rounds.reset();
    CHECK(round->message == storage::message_id{1});
}

TEST_CASE("a round has open jobs as long as anybody has a share") {
    queue::open_rounds rounds;
    const auto round = rounds.join(storage::message_id{1}, nullptr);
    CHECK(round->open_jobs.expired());
    auto one = round->open_job();
    auto other = round->open_job();
    one.reset();
    CHECK_FALSE(round->open_jobs.expired());
    other.reset();
    CHECK(round->open_jobs.expired());
    CHECK(round->open_job());
    CHECK(round->open_jobs.expired());
}

}  // namespace message_round_test
