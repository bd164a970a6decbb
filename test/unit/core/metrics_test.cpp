#include "core/metrics.hpp"

#include "test/catch.hpp"

namespace metrics_test {

using namespace postern::core;

TEST_CASE("what is counted is told in Prometheus's text format") {
    metrics all;
    auto answers = all.count("postern_test_total", "Things", {{"kind", "good"}});
    answers.add();
    answers.add(2);
    all.count("postern_test_total", "Things", {{"kind", "good"}}).add();  // the same counter
    all.level("postern_test_depth", "Depth").set(7);
    all.distribution("postern_test_seconds", "Time", {0.1, 1}).observe(0.5);
    const auto text = all.text();
    for (const auto* line : {"# TYPE postern_test_total counter\n", "postern_test_total{kind=\"good\"} 4\n",
                             "postern_test_depth 7\n", "postern_test_seconds_bucket{le=\"0.1\"} 0\n",
                             "postern_test_seconds_bucket{le=\"1\"} 1\n", "postern_test_seconds_count 1\n"}) {
        CAPTURE(line);
        CHECK_THAT(text, Catch::Contains(line));
    }
}

TEST_CASE("a handle made without metrics does nothing") {
    counter().add();
    gauge().set(1);
    histogram().observe(1);
    SUCCEED();
}

}  // namespace metrics_test
