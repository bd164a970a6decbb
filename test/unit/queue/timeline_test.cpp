#include "queue/timeline.hpp"

#include "test/catch.hpp"

namespace timeline_test {

using namespace postern;
using namespace std::chrono_literals;

namespace {

queue::settled_item settled(queue::verdict::kind what) {
    queue::settled_item s;
    s.item.recipient = "bob@remote.test";
    s.attempt.at = core::timestamp{5s};
    s.attempt.took = 1250ms;
    s.attempt.status.host = "mx.remote.test";
    s.attempt.status.address = "192.0.2.1:25";
    s.attempt.status.tls = "TLSv1.3";
    s.attempt.status.status = {4, 7, 1};
    s.attempt.status.reply = "451 4.7.1 later";
    s.verdict.what = what;
    s.verdict.next_attempt_at = core::timestamp{65s};
    return s;
}

}  // namespace

TEST_CASE("an event says where, how, what the remote said, how long it took and what follows") {
    const auto e = queue::event_of(settled(queue::verdict::kind::deferred));
    CHECK(e.at == core::timestamp{5s});
    CHECK(e.kind == "deferred");
    CHECK(e.recipient == "bob@remote.test");
    CHECK(e.detail ==
          R"({"host":"mx.remote.test","address":"192.0.2.1:25","tls":"TLSv1.3","status":"4.7.1","reply":"451 4.7.1 later",)"
          R"("seconds":1.25E0,"until":"1970-01-01T00:01:05Z"})");
}

TEST_CASE("each outcome has its kind") {
    CHECK(queue::event_of(settled(queue::verdict::kind::delivered)).kind == "relayed");
    CHECK(queue::event_of(settled(queue::verdict::kind::failed)).kind == "bounced");
    CHECK(queue::event_of(settled(queue::verdict::kind::expired)).kind == "expired");
    auto here = settled(queue::verdict::kind::delivered);
    here.attempt.in_place = true;
    CHECK(queue::event_of(here).kind == "delivered");
}

TEST_CASE("what was not tried took no time, and what a database cannot keep is replaced") {
    auto s = settled(queue::verdict::kind::deferred);
    s.attempt.made = false;
    s.attempt.status.reply = std::string("451 \xff\0!", 7);
    CHECK_THAT(queue::event_of(s).detail, !Catch::Contains("seconds") && Catch::Contains("451 \xef\xbf\xbd?!"));
}

}  // namespace timeline_test
